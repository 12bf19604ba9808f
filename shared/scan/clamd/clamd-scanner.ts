import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import NodeClam from 'clamscan';
import { IngestError } from '../../model/ingest-error.ts';
import { describeWithoutPath } from '../../platform/errors.ts';
import {
  askVersion,
  deadlineNear,
  readReply,
  scannerUnavailable,
  unexpectedReply,
} from './connection.ts';
import type { Scanner } from '../scanner.ts';

/** Ends clamd's reply to a command of clamscan's. */
const LINE_END = '\n';

/**
 * Scans by path, with a clamd that sees the same file system.
 *
 * clamscan implements the protocol, but never settles when clamd dies or hangs, takes the first
 * chunk of a reply for all of it, and has a third result, "unknown". So each scan runs in a session
 * on a socket that is opened and watched here: its end and the signal settle the scan, and the
 * complete reply must agree with clamscan's result.
 */
export function clamdScanner(socketPath: string): Scanner {
  const client = new NodeClam().init({
    preference: 'clamdscan',
    clamscan: { active: false },
    clamdscan: {
      socket: socketPath,
      // Only the socket: no fallback to a local program with another configuration, no start-up
      // probe (clamd may still be loading), no MULTISCAN for a single file.
      localFallback: false,
      bypassTest: true,
      multiscan: false,
      path: '/nonexistent/clamdscan',
    },
  });
  client.catch(() => {}); // rethrown by the first scan

  return {
    async scan(path, signal) {
      if (signal.aborted) throw deadlineNear();
      const socket = connect(socketPath);
      const { promise: gone, reject } = Promise.withResolvers<never>();
      const onAbort = (): void => reject(deadlineNear());
      let received = '';
      let isDone = false;
      signal.addEventListener('abort', onAbort, { once: true });
      socket.on('data', (chunk) => (received += String(chunk)));
      socket.on('error', (cause) => reject(scannerUnavailable(describeWithoutPath(cause), cause)));
      // Deferred, so that a reply that came together with the close still counts.
      const reply = (): string => received.replaceAll(path, 'the file');
      socket.on('close', () =>
        setImmediate(() => {
          if (!isDone) reject(unexpectedReply(reply()));
        }),
      );
      try {
        const session: NodeClam = Object.create(await client, {
          _initSocket: { value: () => connected(socket) },
        });
        const { isInfected } = await Promise.race([session.isInfected(path), gone]);
        const answer = readReply(path, received, LINE_END);
        if (isInfected !== (answer.kind === 'found')) throw unexpectedReply(reply());
        return answer;
      } catch (cause) {
        throw cause instanceof IngestError
          ? cause
          : scannerUnavailable(describeWithoutPath(cause), cause);
      } finally {
        isDone = true;
        gone.catch(() => {});
        signal.removeEventListener('abort', onAbort);
        socket.destroy();
      }
    },
    version: (signal) => askVersion(socketPath, signal),
  };
}

async function connected(socket: Socket): Promise<Socket> {
  if (socket.connecting) await once(socket, 'connect');
  return socket;
}
