import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Arrival, PinnedObject, Tags } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import type { Change, ObjectSource, Opened } from './object-source.ts';

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
      // It may break before anybody reads it; whoever does then is told. Without a listener the
      // error would end the whole process, and every neighbour in the batch with it.
      body.on('error', () => {});
      try {
        const tags = reply.TagCount ? await readTags(s3, arrival, signal) : {};
        if (tags === 'gone') return gone(body);
        return { state: 'open', object: pin(arrival, reply, tags), body, ...disposal(body) };
      } catch (error) {
        body.destroy();
        throw error;
      }
    },

    async *history(bucket, key, signal) {
      const upload = (newer: Arrival): Change => ({
        kind: 'upload',
        upload: newer,
        readTags: async () => {
          const tags = await readTags(s3, newer, signal);
          return tags === 'gone' ? {} : tags;
        },
      });
      // The newest by a HEAD: a listing takes longer, and costs ten times as much.
      const newest = await headNewest(s3, bucket, key, signal);
      if (newest) yield upload(newest);
      let marker: Marker | undefined = newest
        ? { KeyMarker: key, VersionIdMarker: newest.versionId }
        : {};
      while (marker !== undefined) {
        const after: Marker = marker;
        const page: ListObjectVersionsCommandOutput | 'gone' = await attempt(() =>
          list(s3, bucket, key, after, signal),
        );
        if (page === 'gone') return;
        const change = changeOf(page, bucket, key);
        // The key itself sorts before all others that it is a prefix of.
        if (change === undefined) return;
        if (change === 'deletion') yield { kind: 'deletion' };
        // Whether the entry of the marker itself is listed again is not documented.
        else if (!newest || change.versionId !== newest.versionId) yield upload(change);
        marker = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : undefined;
      }
    },

    async partnerOf({ bucket, key, versionId }, signal) {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
      const reply = await s3.send(command, { abortSignal: signal }).catch(() => undefined);
      return partnerOf(reply?.Metadata ?? {});
    },
  };
}

type Marker = { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined };

/** Without versioning, the ETag is all that tells the upload from its successor. */
async function get(
  s3: S3Client,
  { bucket, key, versionId, etag }: Arrival,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const which = versionId === undefined ? { IfMatch: `"${etag}"` } : { VersionId: versionId };
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...which });
  return await s3.send(command, { abortSignal: signal });
}

/**
 * The upload that a key stands for now: `undefined` where it is deleted, or where the bucket has no
 * versions to go on from.
 */
async function headNewest(
  s3: S3Client,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<Arrival | undefined> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
  const reply = await attempt(() => s3.send(command, { abortSignal: signal }));
  if (reply === 'gone' || reply.VersionId === undefined || reply.VersionId === NULL_VERSION) {
    return undefined;
  }
  return {
    bucket,
    key,
    sizeBytes: reply.ContentLength ?? 0,
    etag: (reply.ETag ?? '').replaceAll('"', ''),
    versionId: reply.VersionId,
    arrivedAt: reply.LastModified?.getTime() ?? Date.now(),
  };
}

/** What S3 calls the versions of a bucket without versioning. */
const NULL_VERSION = 'null';

/**
 * One entry a page: longer ones list versions and delete markers apart from each other, which
 * loses the order between them (times are whole seconds, and a multipart upload has that of its
 * beginning). The entry that decides is nearly always the first or the second.
 */
async function list(
  s3: S3Client,
  bucket: string,
  key: string,
  marker: Marker,
  signal: AbortSignal,
): Promise<ListObjectVersionsCommandOutput> {
  const which = { Bucket: bucket, Prefix: key, MaxKeys: 1, ...marker };
  return await s3.send(new ListObjectVersionsCommand(which), { abortSignal: signal });
}

function changeOf(
  page: ListObjectVersionsCommandOutput,
  bucket: string,
  key: string,
): Arrival | 'deletion' | undefined {
  if (page.DeleteMarkers?.[0]?.Key === key) return 'deletion';
  const version = page.Versions?.[0];
  if (version?.Key !== key) return undefined;
  return {
    bucket,
    key,
    sizeBytes: version.Size ?? 0,
    etag: (version.ETag ?? '').replaceAll('"', ''),
    versionId: version.VersionId === NULL_VERSION ? undefined : version.VersionId,
    arrivedAt: version.LastModified?.getTime() ?? Date.now(),
  };
}

async function readTags(
  s3: S3Client,
  { bucket, key, versionId }: Arrival,
  signal: AbortSignal,
): Promise<Tags | 'gone'> {
  const reply = await attempt(() =>
    s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId }), {
      abortSignal: signal,
    }),
  );
  if (reply === 'gone') return reply;
  return Object.fromEntries((reply.TagSet ?? []).map(({ Key, Value }) => [Key, Value ?? '']));
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

/** The one answer that is an end rather than an accident; everything else is retried. */
async function attempt<T>(send: () => Promise<T>): Promise<T | 'gone'> {
  try {
    return await send();
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
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
