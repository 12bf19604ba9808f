import { S3Client } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partSizeBytes, SMALLEST_PART_BYTES } from '../../../local/sftp/upload/part-size.ts';
import { PartBuffer } from '../../../local/sftp/upload/part-buffer.ts';
import { Reorder } from '../../../local/sftp/upload/reorder.ts';
import { Upload } from '../../../local/sftp/upload/upload.ts';

describe('part sizes', () => {
  test('stay at 5 MiB for the first 39 GiB, and reach 195 GiB', () => {
    const sizes = Array.from({ length: 10_000 }, (_, index) => partSizeBytes(index + 1));
    const within = sizes.filter((size) => size === SMALLEST_PART_BYTES).length;
    expect((within * SMALLEST_PART_BYTES) / 1024 ** 3).toBeGreaterThan(39);
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1024 ** 3).toBeGreaterThan(190);
  });

  test('end with a clear failure at the last part number that S3 has', () => {
    expect(() => partSizeBytes(10_001)).toThrow('larger than this server takes');
  });
});

test('a part takes exactly its size, in pieces of any length, and grows to it from little', () => {
  const part = new PartBuffer(200_000);
  const sent = Buffer.alloc(250_000, 'x').fill('y', 199_990);
  expect(part.memory.length).toBeLessThan(100_000);
  let rest = part.fill(sent.subarray(0, 7));
  expect(rest).toHaveLength(0);
  rest = part.fill(sent.subarray(7));
  expect(rest).toHaveLength(50_000);
  expect(part.isFull).toBe(true);
  expect(part.bytes).toEqual(sent.subarray(0, 200_000));
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
        const reorder = new Reorder();
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
    const reorder = new Reorder();
    const data = Buffer.alloc(10);
    expect([...reorder.accept(0, data)]).toHaveLength(1);
    expect([...reorder.accept(20, data)]).toHaveLength(0);
    expect(() => [...reorder.accept(0, data)]).toThrow('written before');
    expect(() => [...reorder.accept(20, data)]).toThrow('written before');
    expect(() => [...reorder.accept(5 * 1024 * 1024, data)]).toThrow('too far ahead');
  });
});

describe('an upload', () => {
  const target = { bucket: 'inbox', key: 'a', metadata: {} };
  const part = Buffer.alloc(SMALLEST_PART_BYTES);

  test('takes no more while a part is on its way', async () => {
    const s3 = scriptedS3({ UploadPartCommand: () => new Promise(() => {}) });
    const upload = new Upload(s3.client, target);
    await upload.write(0, part);
    const second = upload.write(part.length, Buffer.alloc(1));
    expect(await Promise.race([second, settledSoon()])).toBe('still waiting');
    expect(s3.calls.filter((name) => name === 'UploadPartCommand')).toHaveLength(1);
  });

  test('whose part fails is aborted, and every later write says so', async () => {
    const s3 = scriptedS3({ UploadPartCommand: () => Promise.reject(new Error('disk on fire')) });
    const upload = new Upload(s3.client, target);
    await upload.write(0, part);
    await expect(upload.write(part.length, part)).rejects.toThrow('disk on fire');
    await expect(upload.write(2 * part.length, part)).rejects.toThrow('disk on fire');
    await expect(upload.finish()).rejects.toThrow('disk on fire');
    expect(s3.calls.at(-1)).toBe('AbortMultipartUploadCommand');
  });

  test('that is given up while being created is aborted all the same', async () => {
    const created = Promise.withResolvers<object>();
    const s3 = scriptedS3({ CreateMultipartUploadCommand: () => created.promise });
    const upload = new Upload(s3.client, target);
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
    const upload = new Upload(s3.client, target);
    await upload.write(10, Buffer.alloc(5));
    await expect(upload.finish()).rejects.toThrow('bytes from 0 are missing');
    expect(s3.calls).toEqual([]);
  });

  test('of exactly one part is one PutObject', async () => {
    const s3 = scriptedS3({});
    const upload = new Upload(s3.client, target);
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
