import { DeleteObjectCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Tags } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import { isNotFound } from '../s3/errors.ts';
import { readTags } from './s3-tags.ts';
import type { Settler } from './settler.ts';
import { refusedTags, settledTags, type Upload } from './ledger-tags.ts';

/** Settles in the inbox bucket: by tags, or by deletion of what was quarantined. */
export function s3Settler(s3: S3Client): Settler {
  return {
    async mark(object, settlement, signal) {
      await settle(() => putTags(s3, object, settledTags(object, settlement), signal));
    },

    async refuse(upload, signal) {
      await settle(async () => {
        const tags = await readTags(s3, upload, signal);
        await putTags(s3, upload, refusedTags(upload, tags), signal);
      });
    },

    async remove(object, signal) {
      await settle(() =>
        s3.send(new DeleteObjectCommand(address(object)), { abortSignal: signal }),
      );
    },
  };
}

async function putTags(
  s3: S3Client,
  upload: Upload,
  tags: Tags,
  signal: AbortSignal,
): Promise<void> {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const command = new PutObjectTaggingCommand({ ...address(upload), Tagging: { TagSet } });
  await s3.send(command, { abortSignal: signal });
}

function address({ bucket, key, versionId }: Upload) {
  return { Bucket: bucket, Key: key, VersionId: versionId };
}

/** A version that no longer exists needs no settling. */
async function settle(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof IngestError) throw error;
    if (isNotFound(error)) return;
    throw new IngestError('SETTLE_FAILED', `settling the object: ${describeError(error)}`, {
      cause: error,
    });
  }
}
