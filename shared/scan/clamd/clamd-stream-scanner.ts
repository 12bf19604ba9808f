import { open } from 'node:fs/promises';
import {
  askVersion,
  type ClamdAddress,
  exchange,
  type Exchange,
  END,
  readReply,
  scannerUnavailable,
  unexpectedReply,
} from './connection.ts';
import type { Scanner } from '../scanner.ts';

const CHUNK_BYTES = 256 * 1024;
const HEADER_BYTES = 4;

/** An empty chunk ends the stream. */
const END_OF_STREAM = Buffer.alloc(HEADER_BYTES);

/**
 * Scans with a clamd on another host, by sending the file with INSTREAM. Slower than by path, since
 * clamd copies the stream before it scans, and limited by clamd's `StreamMaxLength`.
 *
 * The reply is about the bytes that were sent. So an OK counts only when it came after all bytes of
 * the file and the end of the stream were sent.
 */
export function clamdStreamScanner(address: ClamdAddress): Scanner {
  return {
    async scan(path, signal) {
      const reply = await exchange(address, signal, async (clamd) => {
        await sendFile(path, clamd);
        const early = clamd.received();
        if (early !== '') throw unexpectedReply(early);
        await clamd.write(END_OF_STREAM);
      });
      return readReply('stream', reply);
    },
    version: (signal) => askVersion(address, signal),
  };
}

/** Sends the command and all bytes of the file, but not the end of the stream. */
async function sendFile(path: string, { write }: Exchange): Promise<void> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  await write(`zINSTREAM${END}`);
  for (let at = 0; at < size;) {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + Math.min(CHUNK_BYTES, size - at));
    const { bytesRead } = await file.read(frame, HEADER_BYTES, frame.length - HEADER_BYTES, at);
    // An empty chunk would end the stream, and the rest would not be scanned.
    if (bytesRead === 0) throw scannerUnavailable(`only ${at} of ${size} bytes could be read`);
    frame.writeUInt32BE(bytesRead);
    await write(frame.subarray(0, HEADER_BYTES + bytesRead));
    at += bytesRead;
  }
}
