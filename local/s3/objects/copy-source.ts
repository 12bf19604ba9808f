import { createHash } from 'node:crypto';
import type { ChecksumAlgorithm, Hasher } from '../checksums/checksums.ts';
import { createHasher } from '../checksums/checksums.ts';
import {
  COPY_SOURCE_CONDITIONS,
  failedReadCondition,
  preconditionFailed,
} from '../protocol/conditions.ts';
import { S3Error } from '../protocol/errors.ts';
import { findVersion, versionHeaders } from './find-version.ts';
import { MAX_PUT_BYTES } from '../protocol/payload.ts';
import type { ReceivedBody } from '../protocol/receive-body.ts';
import type { S3Request, S3Service } from '../service.ts';
import type { BlobReader } from '../store/blob-reader.ts';
import type { Version } from '../store/versions.ts';
import { parseCopySource } from '../protocol/target.ts';

export type CopySource = {
  readonly version: Version;
  /** Whether the request named a version. */
  readonly isVersionNamed: boolean;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Finds the source of a copy, and checks the request's conditions on it.
 *
 * @throws S3Error as findVersion does, InvalidRequest for a delete marker, PreconditionFailed
 */
export function findCopySource(s3: S3Service, request: S3Request): CopySource {
  const source = parseCopySource(request.headers.get('x-amz-copy-source') ?? '');
  const bucket = s3.store.buckets.get(source.bucket);
  const version = findVersion(s3.store, bucket, source.key, source.versionId);
  const failed = failedReadCondition(request.headers, COPY_SOURCE_CONDITIONS, version);
  if (failed !== undefined) throw preconditionFailed(COPY_SOURCE_CONDITIONS[failed]);
  const versioned = versionHeaders(bucket, version)['x-amz-version-id'];
  return {
    version,
    isVersionNamed: source.versionId !== undefined,
    headers: versioned === undefined ? {} : { 'x-amz-copy-source-version-id': versioned },
  };
}

/** @throws S3Error InvalidRequest when it is more than one request may copy */
export function checkCopySize(sizeBytes: number): void {
  if (sizeBytes <= MAX_PUT_BYTES) return;
  throw new S3Error(
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_PUT_BYTES}`,
  );
}

/** Whether the version still exists unchanged, so that its content may be shared. */
export function isUnchanged(s3: S3Service, { bucket, key, versionId, seq }: Version): boolean {
  return s3.store.versions.byId(bucket, key, versionId)?.seq === seq;
}

/** Computes digests of stored bytes. */
export async function hashStored(
  reader: BlobReader,
  algorithms: readonly ChecksumAlgorithm[],
): Promise<ReceivedBody> {
  const md5 = createHash('md5');
  const hashers = algorithms.map((algorithm): [ChecksumAlgorithm, Hasher] => [
    algorithm,
    createHasher(algorithm),
  ]);
  for await (const chunk of reader.chunks()) {
    md5.update(chunk);
    for (const [, hasher] of hashers) hasher.update(chunk);
  }
  return {
    md5: md5.digest('hex'),
    checksums: new Map(
      hashers.map(([algorithm, hasher]) => [algorithm, hasher.digest().toString('base64')]),
    ),
  };
}
