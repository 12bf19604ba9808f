import { once } from 'node:events';
import { connect } from 'node:net';
import { IngestError } from '../../model/ingest-error.ts';
import type { ScanReply } from '../../model/verdict.ts';
import { describeWithoutPath } from '../../platform/errors.ts';

/** More than clamd's reply to any one command. */
const MAX_REPLY_CHARACTERS = 64 * 1024;

/** The path of clamd's unix socket, or `tcp://host:port`. */
export type ClamdAddress = string;

/** Ends a command, and its reply, in clamd's `z` mode. */
export const END = '\0';

export type Exchange = {
  /** Resolves when clamd can take more; rejects when the connection is closed. */
  readonly write: (data: string | Buffer) => Promise<void>;
  /** The reply so far. */
  readonly received: () => string;
};

/**
 * Sends one command on a new connection and returns the reply, which ends with the connection. A
 * dropped connection, or one that ends before the command was sent, is an error, never a reply.
 * https://docs.clamav.net/manual/Usage/Scanning.html#clamd
 *
 * @param sendCommand resolves when the command was sent
 * @throws IngestError `SCANNER_UNAVAILABLE`, or `DEADLINE_NEAR` when `signal` fires first
 */
export async function exchange(
  address: ClamdAddress,
  signal: AbortSignal,
  sendCommand: (clamd: Exchange) => Promise<void>,
): Promise<string> {
  if (signal.aborted) throw deadlineNear();
  const socket = connect(destinationOf(address));
  const closed = new AbortController();
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(deadlineNear());
  let received = '';
  let isSent = false;
  signal.addEventListener('abort', onAbort, { once: true });
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    received += String(chunk);
    if (received.length > MAX_REPLY_CHARACTERS)
      reject(scannerUnavailable(`clamd's reply exceeds ${MAX_REPLY_CHARACTERS / 1024} KiB`));
  });
  // Closed before the command was sent: clamd did not read all of it.
  socket.on('end', () => (isSent ? resolve() : reject(unexpectedReply(received))));
  socket.on('error', (cause) => reject(scannerUnavailable(describeWithoutPath(cause), cause)));
  socket.on('close', () => {
    closed.abort();
    reject(unexpectedReply(''));
  });
  const write = async (data: string | Buffer): Promise<void> => {
    if (!socket.write(data)) await once(socket, 'drain', { signal: closed.signal });
  };
  try {
    ended.catch(() => {}); // awaited below
    await Promise.race([sendCommand({ write, received: () => received }), ended]);
    isSent = true;
    await ended;
    return received;
  } catch (cause) {
    if (signal.aborted) throw deadlineNear();
    throw cause instanceof IngestError
      ? cause
      : scannerUnavailable(describeWithoutPath(cause), cause);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

/** Engine and signatures, see `Scanner.version`. */
export async function askVersion(address: ClamdAddress, signal: AbortSignal): Promise<string> {
  const reply = await exchange(address, signal, ({ write }) => write(`zVERSION${END}`));
  if (!reply.startsWith('ClamAV') || !reply.endsWith(END)) throw unexpectedReply(reply);
  return reply.slice(0, -END.length);
}

/**
 * Parses clamd's reply about one subject. Only an exact match counts: the reply must be complete,
 * about this subject, and nothing else.
 *
 * @param end the end of a reply in the mode of the command
 * @throws IngestError `SCANNER_UNAVAILABLE`
 */
export function readReply(subject: string, reply: string, end: string = END): ScanReply {
  if (reply === `${subject}: OK${end}`) return { kind: 'ok' };
  const about = `${subject}: `;
  const found = ` FOUND${end}`;
  const signature = reply.slice(about.length, -found.length);
  const isFound = reply.startsWith(about) && reply.endsWith(found) && !signature.includes(end);
  if (isFound && signature !== '') return { kind: 'found', signature };
  // The subject is a path of ours, which is nobody else's business.
  throw unexpectedReply(reply.replaceAll(subject, 'the file'));
}

export function unexpectedReply(reply: string): IngestError {
  if (reply === '') return scannerUnavailable('clamd hung up');
  return scannerUnavailable(`clamd replied "${reply.replaceAll(END, '').trim()}"`);
}

export function scannerUnavailable(why: string, cause?: unknown): IngestError {
  return new IngestError('SCANNER_UNAVAILABLE', `no verdict from the scanner: ${why}`, { cause });
}

export function deadlineNear(): IngestError {
  return new IngestError('DEADLINE_NEAR', 'the scan was stopped before the deadline');
}

function destinationOf(address: ClamdAddress): { path: string } | { host: string; port: number } {
  if (!address.startsWith('tcp:')) return { path: address };
  const { hostname, port } = new URL(address);
  return { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) };
}
