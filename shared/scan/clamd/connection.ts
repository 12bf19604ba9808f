import { once } from 'node:events';
import { connect } from 'node:net';
import { IngestError } from '../../model/ingest-error.ts';
import { describeError } from '../../platform/errors.ts';

/** More than any answer to one command; whatever talks on is no clamd. */
const LONGEST_REPLY_CHARACTERS = 64 * 1024;

/** Of a clamd over its unix socket (a path), or on another host (`tcp://host:port`). */
export type ClamdAddress = string;

/** Ends a command, and the answer to it, in clamd's `z` mode. */
export const END = '\0';

export type Conversation = {
  /** Resolves when clamd can take more, and rejects once it has hung up. */
  readonly say: (words: string | Buffer) => Promise<void>;
  /** What clamd has said so far. */
  readonly heard: () => string;
};

/**
 * Holds one conversation on a connection of its own, which is gone afterwards. The answer is what
 * clamd said until it hung up; a connection that breaks is none, nor one that ends too early.
 * https://docs.clamav.net/manual/Usage/Scanning.html#clamd
 *
 * @param speak resolves when all is said
 * @throws IngestError `SCANNER_UNAVAILABLE`, or `DEADLINE_NEAR` when `signal` fires first
 */
export async function converse(
  address: ClamdAddress,
  signal: AbortSignal,
  speak: (conversation: Conversation) => Promise<void>,
): Promise<string> {
  if (signal.aborted) throw deadline();
  const socket = connect(destinationOf(address));
  const closed = new AbortController();
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(deadline());
  let heard = '';
  let isSaid = false;
  signal.addEventListener('abort', onAbort, { once: true });
  socket.setEncoding('utf8');
  socket.on('data', (words) => {
    heard += String(words);
    if (heard.length > LONGEST_REPLY_CHARACTERS) reject(unavailable('clamd does not stop talking'));
  });
  // Who hangs up before all is said did not listen.
  socket.on('end', () => (isSaid ? resolve() : reject(noVerdict(heard))));
  socket.on('error', (cause) => reject(unavailable(describeError(cause), cause)));
  socket.on('close', () => {
    closed.abort();
    reject(noVerdict(''));
  });
  const say = async (words: string | Buffer): Promise<void> => {
    if (!socket.write(words)) await once(socket, 'drain', { signal: closed.signal });
  };
  try {
    over.catch(() => {}); // heard again below
    await Promise.race([speak({ say, heard: () => heard }), over]);
    isSaid = true;
    await over;
    return heard;
  } catch (cause) {
    if (signal.aborted) throw deadline();
    throw cause instanceof IngestError ? cause : unavailable(describeError(cause), cause);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

/** Engine and signatures, see `Scanner.version`. */
export async function askVersion(address: ClamdAddress, signal: AbortSignal): Promise<string> {
  const reply = await converse(address, signal, ({ say }) => say(`zVERSION${END}`));
  if (!reply.startsWith('ClamAV') || !reply.endsWith(END)) throw noVerdict(reply);
  return reply.slice(0, -END.length);
}

export function noVerdict(reply: string): IngestError {
  if (reply === '') return unavailable('clamd hung up');
  return unavailable(`clamd answered "${reply.replaceAll(END, '').trim()}"`);
}

export function unavailable(why: string, cause?: unknown): IngestError {
  return new IngestError('SCANNER_UNAVAILABLE', `no verdict from the scanner: ${why}`, { cause });
}

export function deadline(): IngestError {
  return new IngestError('DEADLINE_NEAR', 'the scan was cut off in time');
}

function destinationOf(address: ClamdAddress): { path: string } | { host: string; port: number } {
  if (!address.startsWith('tcp:')) return { path: address };
  const { hostname, port } = new URL(address);
  return { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) };
}
