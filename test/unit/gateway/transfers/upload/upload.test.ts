import { S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import fc from '../../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../../../../gateway/session/memory/budget.ts';
import { partSizeBytes, SMALLEST_PART_BYTES } from '../../../../../gateway/storage/part-size.ts';
import { Part } from '../../../../../gateway/transfers/upload/part.ts';
import { Reorder } from '../../../../../gateway/transfers/upload/reorder.ts';
import { Upload } from '../../../../../gateway/transfers/upload/upload.ts';

const PATIENCE_MS = 50;

test('parts are the smallest that S3 takes, up to the last one it takes', () => {
  expect(partSizeBytes(1)).toBe(SMALLEST_PART_BYTES);
  expect(partSizeBytes(10_000)).toBe(SMALLEST_PART_BYTES);
  expect(() => partSizeBytes(10_001)).toThrow('larger than the 48.8 GiB that this server takes');
});

test('a part takes exactly its size, in pieces of any length', async () => {
  const { signal } = new AbortController();
  const part = new Part(200_000, new MemoryBudget(PATIENCE_MS));
  const sent = randomBytes(250_000);
  let rest: Buffer = sent;
  while (!part.isFull) {
    await part.room(signal);
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

describe('the memory of a connection', () => {
  const { signal } = new AbortController();

  test('is one full part, and a little for those that begin; the others wait their turn', async () => {
    const budget = new MemoryBudget(10_000);
    const [first, second, third] = [{}, {}, {}];
    for (let block = 0; block < 80; block++) await budget.take(first, signal);
    const order: string[] = [];
    const grow = async (owner: object, name: string) => {
      for (let block = 0; block < 80; block++) await budget.take(owner, signal);
      order.push(name);
    };
    const others = [grow(second, 'second'), grow(third, 'third')];
    await settledSoon();
    expect(order).toEqual([]);
    budget.release(first);
    await others[0];
    expect(order).toEqual(['second']);
    budget.release(second);
    await others[1];
    expect(order).toEqual(['second', 'third']);
  });

  test('is refused in words to whoever waits too long, and then others go on', async () => {
    const budget = new MemoryBudget(PATIENCE_MS);
    const [holder, waiting] = [{}, {}];
    for (let block = 0; block < 30; block++) await budget.take(holder, signal);
    const fill = async () => {
      for (let block = 0; block < 30; block++) await budget.take(waiting, signal);
    };
    await expect(fill()).rejects.toThrow('open another connection');
    budget.release(waiting);
    for (let block = 0; block < 50; block++) await budget.take(holder, signal);
  });

  test('is not waited for by one who gave up', async () => {
    const budget = new MemoryBudget(10_000);
    const stop = new AbortController();
    for (let block = 0; block < 20; block++) await budget.take({}, signal);
    const holder = {};
    await budget.take(holder, signal);
    const wait = budget.take({}, stop.signal);
    stop.abort(new Error('cut off'));
    await expect(wait).rejects.toThrow('cut off');
  });
});

describe('writes out of order', () => {
  test('come out in order when none is missing, whatever the order they came in', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 30 });
    const shuffled = pieces.chain((sizes) => {
      let end = 0;
      const writes = sizes.map((size) => ({ offset: (end += size) - size, size }));
      return fc.shuffledSubarray(writes, { minLength: writes.length });
    });
    fc.assert(
      fc.property(shuffled, (writes) => {
        const reorder = new Reorder(new MemoryBudget(PATIENCE_MS));
        const out = writes.flatMap(({ offset, size }) => [
          ...reorder.accept(offset, Buffer.alloc(size, offset % 251)),
        ]);
        const total = writes.reduce((sum, { size }) => sum + size, 0);
        const whole = Buffer.alloc(total);
        for (const { offset, size } of writes) whole.fill(offset % 251, offset, offset + size);
        expect(Buffer.concat(out).equals(whole)).toBe(true);
        expect(reorder.hasGap).toBe(false);
      }),
    );
  });

  test('are refused when written twice or too far ahead', () => {
    const reorder = new Reorder(new MemoryBudget(PATIENCE_MS));
    const data = Buffer.alloc(10);
    expect([...reorder.accept(0, data)]).toHaveLength(1);
    expect([...reorder.accept(20, data)]).toHaveLength(0);
    expect(() => [...reorder.accept(0, data)]).toThrow('written before');
    expect(() => [...reorder.accept(20, data)]).toThrow('written before');
    const far = Buffer.alloc(1_200_000);
    expect([...reorder.accept(1_000_000, far)]).toHaveLength(0);
    expect(() => [...reorder.accept(3_000_000, far)]).toThrow('before their turn');
    reorder.drop();
    expect([...reorder.accept(3_000_000, far)]).toHaveLength(0);
  });
});

describe('an upload', () => {
  const target = { bucket: 'inbox', key: 'a', metadata: {} };
  const part = Buffer.alloc(SMALLEST_PART_BYTES);

  test('takes little more while a part is on its way, and then waits', async () => {
    const sent = Promise.withResolvers<object>();
    const s3 = scriptedS3({ UploadPartCommand: () => sent.promise });
    const upload = new Upload(s3.client, target, new MemoryBudget(10_000));
    await upload.write(0, part);
    await upload.write(part.length, Buffer.alloc(1_200_000));
    const more = upload.write(part.length + 1_200_000, Buffer.alloc(200_000)).then(() => 'written');
    expect(await Promise.race([more, settledSoon()])).toBe('still waiting');
    expect(s3.calls.filter((name) => name === 'UploadPartCommand')).toHaveLength(1);
    sent.resolve({ ETag: '"e"' });
    expect(await more).toBe('written');
  });

  test('whose part fails is aborted, and every later write says so', async () => {
    const s3 = scriptedS3({ UploadPartCommand: () => Promise.reject(new Error('disk on fire')) });
    const upload = new Upload(s3.client, target, new MemoryBudget(PATIENCE_MS));
    await upload.write(0, part);
    await expect(upload.write(part.length, part)).rejects.toThrow('disk on fire');
    await expect(upload.write(2 * part.length, part)).rejects.toThrow('disk on fire');
    await expect(upload.finish()).rejects.toThrow('disk on fire');
    expect(s3.calls.at(-1)).toBe('AbortMultipartUploadCommand');
  });

  test('that is given up while being created is aborted all the same', async () => {
    const created = Promise.withResolvers<object>();
    const s3 = scriptedS3({ CreateMultipartUploadCommand: () => created.promise });
    const upload = new Upload(s3.client, target, new MemoryBudget(PATIENCE_MS));
    await upload.write(0, part);
    const write = upload.write(part.length, part);
    const aborted = upload.abort(new Error('cut off'));
    created.resolve({ UploadId: '1' });
    await aborted;
    await expect(write).rejects.toThrow('cut off');
    expect(s3.calls).toEqual(['CreateMultipartUploadCommand', 'AbortMultipartUploadCommand']);
  });

  test('with bytes missing in the middle is not stored', async () => {
    const s3 = scriptedS3({});
    const upload = new Upload(s3.client, target, new MemoryBudget(PATIENCE_MS));
    await upload.write(10, Buffer.alloc(5));
    await expect(upload.finish()).rejects.toThrow('bytes from 0 are missing');
    expect(s3.calls).toEqual([]);
  });

  test('of exactly one part is one PutObject', async () => {
    const s3 = scriptedS3({});
    const upload = new Upload(s3.client, target, new MemoryBudget(PATIENCE_MS));
    await upload.write(0, part);
    await upload.finish();
    expect(s3.calls).toEqual(['PutObjectCommand']);
  });
});

/** An S3 that answers each command as scripted, and everything else with success. */
function scriptedS3(script: Record<string, () => Promise<object>>) {
  const calls: string[] = [];
  const send = async (command: object) => {
    calls.push(command.constructor.name);
    return script[command.constructor.name]?.() ?? { UploadId: '1', ETag: '"e"' };
  };
  return { calls, client: Object.assign(new S3Client({ region: 'eu-central-1' }), { send }) };
}

/** Later than everything that is ready to go on. */
function settledSoon(): Promise<string> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve, 'still waiting'));
  });
}
