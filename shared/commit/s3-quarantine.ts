import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PinnedObject } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import { copyObject } from '../s3/copy-object.ts';
import { isNotFound } from '../s3/errors.ts';
import { evidenceMetadata, isEvidenceOf } from './evidence.ts';
import type { Quarantine } from './quarantine.ts';

/** Keeps objects in the quarantine bucket, copied within S3. */
export function s3Quarantine(s3: S3Client, bucket: string): Quarantine {
  return {
    async keep(object, evidence, signal) {
      const copy = {
        bucket,
        key: object.key,
        metadata: evidenceMetadata(object, evidence),
        contentType: object.contentType,
        tags: { 'scan-status': evidence.verdict },
      };
      try {
        if (await isCopied(s3, bucket, object, signal)) return;
        await copyObject(s3, object, copy, { signal });
      } catch (error) {
        const why = `copying to the quarantine bucket: ${describeError(error)}`;
        throw new IngestError('QUARANTINE_UNAVAILABLE', why, { cause: error });
      }
    },
  };
}

/** True when an earlier, interrupted attempt has made the copy already. */
async function isCopied(
  s3: S3Client,
  bucket: string,
  object: PinnedObject,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const head = new HeadObjectCommand({ Bucket: bucket, Key: object.key });
    const { Metadata = {} } = await s3.send(head, { abortSignal: signal });
    return isEvidenceOf(object, Metadata);
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
