import { checksumHeaders } from '../checksums/checksums.ts';
import {
  failedReadCondition,
  matchesEtag,
  preconditionFailed,
  READ_CONDITIONS,
} from '../protocol/conditions.ts';
import { S3Error } from '../protocol/errors.ts';
import { findVersion, versionHeaders } from '../objects/find-version.ts';
import type { ByteRange } from '../protocol/range.ts';
import { parseRange } from '../protocol/range.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { sliceExtents } from '../store/contents.ts';
import type { Version } from '../store/versions.ts';

/**
 * GetObject and HeadObject, which differ in the body only.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function getObject(s3: S3Service, request: S3Request): S3Reply {
  const bucket = s3.store.buckets.get(request.bucket);
  const version = findVersion(s3.store, bucket, request.key, request.query.get('versionId'));
  const validators = {
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modifiedAtMs).toUTCString(),
    ...versionHeaders(bucket, version),
  };
  checkConditions(request, version, validators);
  const range = requestedRange(request, version);
  const headers = {
    ...describe(request, version),
    ...validators,
    ...sizeHeaders(version, range),
    ...(range === undefined && request.headers.get('x-amz-checksum-mode') === 'ENABLED'
      ? checksumHeaders(version.checksum)
      : {}),
  };
  const status = range === undefined ? 200 : 206;
  if (request.operation === 'HeadObject') return { status, headers };

  const extents = s3.store.contents.read(version.content);
  const { start, end } = range ?? { start: 0, end: version.sizeBytes };
  return { status, headers, body: s3.store.blobs.read(sliceExtents(extents, start, end)) };
}

function checkConditions(
  request: S3Request,
  version: Version,
  validators: Readonly<Record<string, string>>,
): void {
  const failed = failedReadCondition(request.headers, READ_CONDITIONS, version);
  if (failed === undefined) return;
  if (failed === 'match') throw preconditionFailed('If-Match');
  if (failed === 'unmodifiedSince') throw preconditionFailed('If-Unmodified-Since');
  throw new S3Error('NotModified', 'Not Modified', { headers: validators });
}

function requestedRange(request: S3Request, version: Version): ByteRange | undefined {
  const header = request.headers.get('range');
  const condition = request.headers.get('if-range');
  if (condition?.includes('"') === true && !matchesEtag(condition, version.etag)) return undefined;
  const range = parseRange(header, version.sizeBytes);
  if (range === 'whole') return undefined;
  if (range !== 'unsatisfiable') return range;
  throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
    details: {
      RangeRequested: header ?? '',
      ActualObjectSize: String(version.sizeBytes),
    },
    headers: { 'content-range': `bytes */${version.sizeBytes}` },
  });
}

function sizeHeaders({ sizeBytes }: Version, range: ByteRange | undefined): Record<string, string> {
  if (range === undefined) {
    return { 'accept-ranges': 'bytes', 'content-length': String(sizeBytes) };
  }
  return {
    'accept-ranges': 'bytes',
    'content-length': String(range.end - range.start),
    'content-range': `bytes ${range.start}-${range.end - 1}/${sizeBytes}`,
  };
}

const OVERRIDE = 'response-';

function describe(request: S3Request, version: Version): Record<string, string> {
  const overrides = [...request.query]
    .filter(([name]) => name.startsWith(OVERRIDE))
    .map(([name, value]) => [name.slice(OVERRIDE.length), latin1(value)] as const);
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries([...version.headers, ...version.metadata, ...overrides]),
    ...(version.tags.length === 0 ? {} : { 'x-amz-tagging-count': String(version.tags.length) }),
  };
}

/** UTF-8 as latin1, which Node needs for header values; without control characters. */
function latin1(value: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new S3Error('InvalidArgument', 'A response header override holds control characters.');
  }
  return Buffer.from(value).toString('latin1');
}
