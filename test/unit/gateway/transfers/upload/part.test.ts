import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { MemoryBudget } from '../../../../../gateway/session/memory/budget.ts';
import { Part } from '../../../../../gateway/transfers/upload/part.ts';

test('a part is filled to exactly its size, in pieces of any length', async () => {
  const { signal } = new AbortController();
  const part = new Part(200_000, new MemoryBudget(50));
  const sent = randomBytes(250_000);
  let rest: Buffer = sent;
  while (!part.isFull) {
    await part.reserve(signal);
    const piece = rest.subarray(0, 7_001);
    rest = rest.subarray(piece.length - part.fill(piece).length);
  }
  expect(part.sizeBytes).toBe(200_000);
  expect(rest).toHaveLength(50_000);
  const body = part.body();
  const bytes = Buffer.isBuffer(body) ? body : await buffer(body);
  expect(bytes.equals(sent.subarray(0, 200_000))).toBe(true);
  expect(part.checksum).toBe(crc32(bytes));
});
