import {
  DeleteObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { PinnedObject } from '../model/arrival.ts';
import { describeError, IngestError } from '../platform/errors.ts';
import { settledTags } from './tags.ts';
import type { Settler } from './settler.ts';

/** Settles in the inbox bucket: tags on what was delivered, deletion of what was quarantined. */
export function s3Settler(s3: S3Client): Settler {
  return {
    async mark(object, settlement, signal) {
      const tags = settledTags(object, settlement);
      const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await settle(() =>
        s3.send(new PutObjectTaggingCommand({ ...version(object), Tagging: { TagSet } }), {
          abortSignal: signal,
        }),
      );
    },

    async remove(object, signal) {
      await settle(() =>
        s3.send(new DeleteObjectCommand(version(object)), { abortSignal: signal }),
      );
    },
  };
}

function version(object: PinnedObject) {
  return { Bucket: object.bucket, Key: object.key, VersionId: object.versionId };
}

/** A version that is no longer there needs no settling. */
async function settle(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return;
    throw new IngestError('SETTLE_FAILED', `settling the object: ${describeError(error)}`, {
      cause: error,
    });
  }
}
