import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Arrival, PinnedObject, Tags } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { isUniqueVersion } from '../model/upload-id.ts';
import { describeError } from '../platform/errors.ts';
import { httpStatusOf } from '../s3/errors.ts';
import { listVersions } from '../s3/list-versions.ts';
import type { Change, ObjectSource, Opened } from './object-source.ts';
import { readTags } from './s3-tags.ts';

/** Reads the inbox bucket. */
export function s3ObjectSource(s3: S3Client): ObjectSource {
  return {
    async open(arrival, signal) {
      const reply = await attempt(() => get(s3, arrival, signal));
      if (reply === 'gone') return gone();
      const body = reply.Body;
      if (!(body instanceof Readable)) {
        throw new IngestError('SOURCE_UNAVAILABLE', 'S3 answered without a body');
      }
      // The body may fail before it is read; reading it then reports the error. Without a listener
      // the error would end the process, and with it the other messages of the batch.
      body.on('error', () => {});
      try {
        const tags = reply.TagCount ? await attempt(() => readTags(s3, arrival, signal)) : {};
        if (tags === 'gone') return gone(body);
        return { state: 'open', object: pin(arrival, reply, tags), body, ...disposal(body) };
      } catch (error) {
        body.destroy();
        throw error;
      }
    },

    async *history(bucket, key, signal) {
      const toUpload = (upload: Arrival): Change => ({
        kind: 'upload',
        upload,
        readTags: async () => {
          const tags = await attempt(() => readTags(s3, upload, signal));
          return tags === 'gone' ? {} : tags;
        },
      });
      // The newest by a HEAD: a listing takes longer, and costs ten times as much.
      const newest = await headNewest(s3, bucket, key, signal);
      if (newest) yield toUpload(newest);
      // One entry a page: longer pages list versions and delete markers apart from each other, and
      // their times do not give the order back (whole seconds, and a multipart upload has that of
      // its beginning). The entry that decides is nearly always the first or the second.
      const pages = listVersions(s3, { bucket, prefix: key, pageSize: 1, after: newest, signal });
      for (;;) {
        const page = await attempt(() => pages.next());
        if (page === 'gone' || page.done === true) return;
        const { versions, deletions } = page.value;
        const [version] = versions;
        // Keys that begin with this one come after it.
        if (deletions[0]?.key === key) yield { kind: 'deletion' };
        else if (version?.key !== key) return;
        // S3 may list the entry of the marker again.
        else if (version.versionId !== newest?.versionId) {
          const { versionId, etag, sizeBytes, storedAt } = version;
          yield toUpload({ bucket, key, versionId, etag, sizeBytes, arrivedAt: storedAt });
        }
      }
    },

    async partnerOf({ bucket, key, versionId }, signal) {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
      const reply = await s3.send(command, { abortSignal: signal }).catch(() => undefined);
      return partnerOf(reply?.Metadata ?? {});
    },
  };
}

/** Without a version of its own, the ETag alone tells the upload from one that replaced it. */
async function get(
  s3: S3Client,
  { bucket, key, versionId, etag }: Arrival,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    VersionId: versionId,
    ...(!isUniqueVersion(versionId) && { IfMatch: `"${etag}"` }),
  });
  return await s3.send(command, { abortSignal: signal });
}

/**
 * The newest upload of a key; `undefined` where it was deleted, or has no version of its own to
 * continue a listing from.
 */
async function headNewest(
  s3: S3Client,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<(Arrival & { readonly versionId: string }) | undefined> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
  const reply = await attempt(() => s3.send(command, { abortSignal: signal }));
  if (reply === 'gone' || !isUniqueVersion(reply.VersionId)) return undefined;
  return {
    bucket,
    key,
    sizeBytes: reply.ContentLength ?? 0,
    etag: (reply.ETag ?? '').replaceAll('"', ''),
    versionId: reply.VersionId,
    arrivedAt: reply.LastModified?.getTime() ?? Date.now(),
  };
}

function pin(arrival: Arrival, reply: GetObjectCommandOutput, tags: Tags): PinnedObject {
  const metadata = reply.Metadata ?? {};
  return {
    bucket: arrival.bucket,
    key: arrival.key,
    versionId: reply.VersionId,
    etag: arrival.etag,
    sizeBytes: reply.ContentLength ?? arrival.sizeBytes,
    uploadedAt: reply.LastModified?.getTime() ?? arrival.arrivedAt,
    partner: partnerOf(metadata),
    metadata,
    contentType: reply.ContentType,
    tags,
  };
}

/**
 * Transfer Family writes `username@server-id`; a user name may itself hold an `@`.
 * https://docs.aws.amazon.com/transfer/latest/userguide/requirements-dns.html
 */
function partnerOf(metadata: Readonly<Record<string, string>>): string | undefined {
  return metadata['user-agent-id']?.replace(/@[^@]*$/, '') || undefined;
}

/** "Not there" is a result; every other failure is retried. */
async function attempt<T>(send: () => Promise<T>): Promise<T | 'gone'> {
  try {
    return await send();
  } catch (error) {
    const status = httpStatusOf(error);
    if (status === 404 || status === 412) return 'gone';
    throw new IngestError('SOURCE_UNAVAILABLE', `reading the inbox: ${describeError(error)}`, {
      cause: error,
    });
  }
}

function gone(body?: Readable): Opened {
  body?.destroy();
  return { state: 'gone', async [Symbol.asyncDispose]() {} };
}

function disposal(body: Readable): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      body.destroy();
    },
  };
}
