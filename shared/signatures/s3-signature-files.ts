import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DatabaseFile } from './published.ts';

/** Uploads one file; S3 verifies its SHA-256. May be repeated. */
export async function uploadFile(
  s3: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  directory: string,
  file: DatabaseFile,
  signal: AbortSignal,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      ...target,
      Body: createReadStream(join(directory, file.name)),
      ContentLength: file.sizeBytes,
      ChecksumSHA256: Buffer.from(file.sha256, 'hex').toString('base64'),
    }),
    { abortSignal: signal },
  );
}

/** @throws Error unless size and SHA-256 are as described */
export async function downloadFile(
  s3: S3Client,
  source: { readonly Bucket: string; readonly Key: string },
  directory: string,
  file: DatabaseFile,
  signal: AbortSignal,
): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand(source), { abortSignal: signal });
  if (!(Body instanceof Readable)) throw new Error(`${source.Key} came without a body`);
  const path = join(directory, file.name);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      pass(null, chunk);
    },
  });
  await pipeline(Body, meter, createWriteStream(path, { mode: 0o600 }), { signal });
  if (sizeBytes !== file.sizeBytes || hash.digest('hex') !== file.sha256) {
    throw new Error(`${source.Key} in ${source.Bucket} is not what was published`);
  }
  const modifiedAt = new Date(file.modifiedAt);
  await utimes(path, modifiedAt, modifiedAt);
}
