import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { errorCode } from '../platform/errors.ts';
import { isNoSuchKey } from '../s3/errors.ts';
import { customName } from './custom-files.ts';
import type { SignatureInputs } from './signature-store.ts';

const CUSTOM_PREFIX = 'custom/';
/** The name is freshclam's own. */
const STATE_FILE = 'freshclam.dat';
const STATE_KEY = `state/${STATE_FILE}`;

/** Below `custom/` and `state/` of the bucket in which signatures are published. */
export function s3SignatureInputs(s3: S3Client, bucket: string): SignatureInputs {
  async function fetch(key: string, path: string, signal: AbortSignal): Promise<void> {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const { Body } = await s3.send(command, { abortSignal: signal });
    if (!(Body instanceof Readable)) throw new Error(`${key} came without a body`);
    await pipeline(Body, createWriteStream(path), { signal });
  }

  return {
    async custom(directory, signal) {
      const query = { Bucket: bucket, Prefix: CUSTOM_PREFIX };
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, query)) {
        for (const { Key = '' } of Contents) {
          // The console makes an empty object for a folder.
          if (Key !== CUSTOM_PREFIX) await fetch(Key, join(directory, customName(Key)), signal);
        }
      }
    },
    async restoreState(directory, signal) {
      await fetch(STATE_KEY, join(directory, STATE_FILE), signal).catch((error: unknown) => {
        if (!isNoSuchKey(error)) throw error;
      });
    },
    async saveState(directory, signal) {
      const path = join(directory, STATE_FILE);
      const found = await stat(path).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      });
      if (found === undefined) return;
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: STATE_KEY,
        Body: createReadStream(path),
        ContentLength: found.size,
      });
      await s3.send(command, { abortSignal: signal });
    },
  };
}
