import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import NodeClam from 'clamscan';
import { IngestError } from '../../model/ingest-error.ts';
import { describeError } from '../../platform/errors.ts';
import { askVersion, deadline, noVerdict, unavailable } from './connection.ts';
import { readReply } from './reply.ts';
import type { Scanner } from '../scanner.ts';

/** Ends clamd's answer to a command that clamscan sends. */
const LINE_END = '\n';

/**
 * Scans by path, with a clamd that sees the same file system.
 *
 * clamscan speaks the protocol, but never settles when clamd dies or hangs, takes the first piece of
 * an answer for all of it, and has "unknown" beside "clean". So each scan gets a session of its own
 * on a socket that we open and watch: its end and the signal settle the scan, and clamd's own words
 * must say the same as clamscan does, to their end.
 */
export function clamdScanner(socketPath: string): Scanner {
  const client = new NodeClam().init({
    preference: 'clamdscan',
    clamscan: { active: false },
    clamdscan: {
      socket: socketPath,
      // Nothing but the socket: no fallback to a program with another configuration, no start-up
      // probe (clamd may still be loading), no MULTISCAN for what is a single file.
      localFallback: false,
      bypassTest: true,
      multiscan: false,
      path: '/nonexistent/clamdscan',
    },
  });
  client.catch(() => {}); // heard by the first scan

  return {
    async scan(path, signal) {
      if (signal.aborted) throw deadline();
      const socket = connect(socketPath);
      const { promise: gone, reject } = Promise.withResolvers<never>();
      const onAbort = (): void => reject(deadline());
      let heard = '';
      signal.addEventListener('abort', onAbort, { once: true });
      socket.on('data', (words) => (heard += String(words)));
      socket.on('error', (cause) => reject(unavailable(describeError(cause), cause)));
      // A moment later, so that an answer that came with the end of the connection still counts.
      socket.on('close', () => setImmediate(() => reject(noVerdict(heard))));
      try {
        const session: NodeClam = Object.create(await client, {
          _initSocket: { value: () => connected(socket) },
        });
        const { isInfected } = await Promise.race([session.isInfected(path), gone]);
        const reply = readReply(path, heard, LINE_END);
        if (isInfected !== (reply.kind === 'found')) throw noVerdict(heard);
        return reply;
      } catch (cause) {
        throw cause instanceof IngestError ? cause : unavailable(describeError(cause), cause);
      } finally {
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
