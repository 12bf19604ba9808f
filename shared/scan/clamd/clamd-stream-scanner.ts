import { open } from 'node:fs/promises';
import {
  askVersion,
  type ClamdAddress,
  type Conversation,
  converse,
  END,
  noVerdict,
  unavailable,
} from './connection.ts';
import { readReply } from './reply.ts';
import type { Scanner } from '../scanner.ts';

const CHUNK_BYTES = 256 * 1024;
const HEADER_BYTES = 4;

/** A chunk without content ends the stream. */
const END_OF_STREAM = Buffer.alloc(HEADER_BYTES);

/**
 * Scans with a clamd on another host, which gets every byte by INSTREAM. Slower than by path, since
 * clamd copies the stream before it scans, and bounded by clamd's `StreamMaxLength`.
 *
 * The engine vouches for what it was sent, not for the file. So its OK counts only when all bytes
 * of the file were sent, and the end of the stream after them, before it was said.
 */
export function clamdStreamScanner(address: ClamdAddress): Scanner {
  return {
    async scan(path, signal) {
      const reply = await converse(address, signal, async (conversation) => {
        await send(path, conversation);
        const early = conversation.heard();
        if (early !== '') throw noVerdict(early);
        await conversation.say(END_OF_STREAM);
      });
      return readReply('stream', reply);
    },
    version: (signal) => askVersion(address, signal),
  };
}

/** All bytes of the file, as fast as clamd takes them, but not the end of the stream. */
async function send(path: string, { say }: Conversation): Promise<void> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  await say(`zINSTREAM${END}`);
  for (let at = 0; at < size;) {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + Math.min(CHUNK_BYTES, size - at));
    const { bytesRead } = await file.read(frame, HEADER_BYTES, frame.length - HEADER_BYTES, at);
    // Never sent without content: that would end the stream, and the rest would pass unseen.
    if (bytesRead === 0) throw unavailable(`only ${at} of ${size} bytes could be read`);
    frame.writeUInt32BE(bytesRead);
    await say(frame.subarray(0, HEADER_BYTES + bytesRead));
    at += bytesRead;
  }
}
