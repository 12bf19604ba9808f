import { createHash } from 'node:crypto';
import type { Arrival } from '../model/arrival.ts';
import { versionOf } from '../model/upload-id.ts';

/**
 * The modification time a file lands with, in epoch milliseconds: the second of its upload, and
 * in the milliseconds a mark of the upload itself. S3 tells whole seconds only, so the rest is
 * free to tell two uploads of one second apart; a file in the landing root can so be recognised.
 */
export function landingTimeOf(
  { bucket, key, versionId, etag }: Pick<Arrival, 'bucket' | 'key' | 'versionId' | 'etag'>,
  uploadedAt: number,
): number {
  const identity = JSON.stringify([bucket, key, versionOf({ versionId, etag })]);
  const mark = createHash('sha256').update(identity).digest().readUInt32BE(0) % 999;
  return Math.floor(uploadedAt / 1000) * 1000 + mark + 1;
}
