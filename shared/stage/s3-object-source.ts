import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type GetObjectCommandOutput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Arrival, PinnedObject, Tags } from '../model/arrival.ts';
import { describeError, IngestError } from '../platform/errors.ts';
import type { ObjectSource, Opened } from './object-source.ts';

/** Reads the inbox bucket. */
export function s3ObjectSource(s3: S3Client): ObjectSource {
  return {
    async open(arrival, signal) {
      const reply = await attempt(() => get(s3, arrival, signal));
      if (typeof reply === 'string') return closed(reply);
      const body = reply.Body;
      if (!(body instanceof Readable)) {
        throw new IngestError('SOURCE_UNAVAILABLE', 'S3 answered without a body');
      }
      try {
        // The same bytes uploaded again: equal ETag, but a version with an event of its own.
        if (reply.VersionId !== arrival.versionId) return closed('newer', body);
        const tags = reply.TagCount ? await readTags(s3, arrival, signal) : {};
        if (typeof tags === 'string') return closed(tags, body);
        return { state: 'open', object: pin(arrival, reply, tags), body, ...disposal(body) };
      } catch (error) {
        body.destroy();
        throw error;
      }
    },

    async current(bucket, key, signal) {
      const reply = await attempt(() =>
        s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }),
      );
      if (typeof reply === 'string') return undefined;
      return {
        bucket,
        key,
        sizeBytes: reply.ContentLength ?? 0,
        etag: unquote(reply.ETag),
        versionId: reply.VersionId,
        arrivedAt: reply.LastModified?.getTime() ?? Date.now(),
      };
    },
  };
}

async function get(
  s3: S3Client,
  { bucket, key, etag }: Arrival,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"` });
  return await s3.send(command, { abortSignal: signal });
}

async function readTags(
  s3: S3Client,
  { bucket, key, versionId }: Arrival,
  signal: AbortSignal,
): Promise<Tags | 'newer' | 'gone'> {
  const reply = await attempt(() =>
    s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId }), {
      abortSignal: signal,
    }),
  );
  if (typeof reply === 'string') return reply;
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

/** The two answers that are ends rather than accidents; everything else is retried. */
async function attempt<T>(send: () => Promise<T>): Promise<T | 'newer' | 'gone'> {
  try {
    return await send();
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 404) return 'gone';
    if (status === 412) return 'newer';
    throw new IngestError('SOURCE_UNAVAILABLE', `reading the inbox: ${describeError(error)}`, {
      cause: error,
    });
  }
}

function closed(state: 'newer' | 'gone', body?: Readable): Opened {
  body?.destroy();
  return { state, async [Symbol.asyncDispose]() {} };
}

function disposal(body: Readable): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      body.on('error', () => {}).destroy();
    },
  };
}

function unquote(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
