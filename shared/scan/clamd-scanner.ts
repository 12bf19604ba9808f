import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import NodeClam from 'clamscan';
import type { ScanReply } from '../model/verdict.ts';
import { describeError, IngestError } from '../platform/errors.ts';
import type { Scanner } from './scanner.ts';

/**
 * Scans by path with clamd over its unix socket.
 *
 * clamscan speaks the protocol, but never settles when clamd dies or hangs, and reports "unknown"
 * beside "clean". So each call gets a session of its own on a socket that we open and watch: the
 * socket's end and the signal settle the call, and of all answers only the exact
 * `<path>: OK` counts as clean.
 */
export async function clamdScanner(socketPath: string): Promise<Scanner> {
  const clam = await new NodeClam().init({
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

  /** Runs one clamscan call on a fresh socket; resolves with its result and clamd's own words. */
  async function ask<T>(
    call: (session: NodeClam) => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ result: T; words: string }> {
    if (signal.aborted) throw deadline();
    const socket = connect(socketPath);
    const words: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => words.push(chunk));
    const session: NodeClam = Object.create(clam, {
      _initSocket: { value: () => connected(socket) },
    });
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(deadline());
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (cause) => reject(unavailable(describeError(cause), cause)));
    // A microtask later, so that an answer that came with the end of the connection still counts.
    socket.on('close', () => setImmediate(() => reject(unavailable('clamd hung up'))));
    gone.catch(() => {});
    try {
      const result = await Promise.race([call(session), gone]);
      return { result, words: Buffer.concat(words).toString() };
    } catch (cause) {
      throw cause instanceof IngestError ? cause : unavailable(describeError(cause), cause);
    } finally {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    }
  }

  return {
    async scan(path, signal) {
      const { result, words } = await ask((session) => session.isInfected(path), signal);
      return readReply(path, result, words);
    },
    async version(signal) {
      const { result } = await ask((session) => session.getVersion(), signal);
      const version = result.trim();
      if (!version.startsWith('ClamAV')) throw unavailable(`clamd answered "${version}"`);
      return version;
    },
  };
}

function readReply(
  path: string,
  result: { readonly isInfected: boolean | null; readonly viruses: readonly string[] },
  words: string,
): ScanReply {
  const [signature] = result.viruses;
  if (result.isInfected === true && signature !== undefined) return { reply: 'found', signature };
  if (result.isInfected === false && words.trimEnd() === `${path}: OK`) return { reply: 'ok' };
  throw unavailable(`clamd answered "${words.trim()}"`);
}

async function connected(socket: Socket): Promise<Socket> {
  if (socket.connecting) await once(socket, 'connect');
  return socket;
}

function unavailable(why: string, cause?: unknown): IngestError {
  return new IngestError('SCANNER_UNAVAILABLE', `no verdict from the scanner: ${why}`, { cause });
}

function deadline(): IngestError {
  return new IngestError('DEADLINE_NEAR', 'the scan was cut off in time');
}
