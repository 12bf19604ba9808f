import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../../../../gateway/session/memory/budget.ts';
import { SMALLEST_PART_BYTES } from '../../../../../gateway/storage/part-size.ts';
import { Upload } from '../../../../../gateway/transfers/upload/upload.ts';
import { settledSoon } from '../../settled-soon.ts';

const PATIENCE_MS = 50;

describe('an upload', () => {
  const target = { bucket: 'inbox', key: 'a', metadata: {} };
  const part = Buffer.alloc(SMALLEST_PART_BYTES);

  test('accepts a little more while a part is being sent, and then waits', async () => {
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

  test('whose part fails is aborted, and every later write fails', async () => {
    const s3 = scriptedS3({ UploadPartCommand: () => Promise.reject(new Error('disk on fire')) });
    const upload = new Upload(s3.client, target, new MemoryBudget(PATIENCE_MS));
    await upload.write(0, part);
    await expect(upload.write(part.length, part)).rejects.toThrow('disk on fire');
    await expect(upload.write(2 * part.length, part)).rejects.toThrow('disk on fire');
    await expect(upload.finish()).rejects.toThrow('disk on fire');
    expect(s3.calls.at(-1)).toBe('AbortMultipartUploadCommand');
  });

  test('aborted while being created is aborted in S3, too', async () => {
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
