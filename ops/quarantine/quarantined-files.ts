import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { readEvidence } from '../../shared/commit/evidence.ts';
import { httpStatusOf } from '../../shared/s3/errors.ts';
import { type ListedVersion, listVersions } from '../../shared/s3/list-versions.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { findById } from '../short-ids.ts';

/** A file in quarantine, and the evidence beside it. */
export type QuarantinedFile = {
  readonly key: string;
  readonly versionId: string;
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly quarantinedAt: string;
  readonly verdict: string;
  /** The signature that matched, or why the file could not be scanned. */
  readonly finding: string;
  readonly sha256: string;
  readonly engine: string;
  /** ISO 8601: when its sender uploaded it; older versions did not record it. */
  readonly uploadedAt: string | undefined;
  readonly contentType: string | undefined;
  /** What the sender gave it; the SFTP server records there who that was. */
  readonly metadata: Readonly<Record<string, string>>;
};

const HEADS_AT_ONCE = 16;

/** Every quarantined file whose key begins with the prefix, oldest first. @throws OpsError when not allowed */
export async function listQuarantined(
  s3: S3Client,
  bucket: string,
  prefix: string,
): Promise<readonly QuarantinedFile[]> {
  return await explainDenial(bucket, async () => {
    const queue = new PQueue({ concurrency: HEADS_AT_ONCE });
    const files: QuarantinedFile[] = [];
    for await (const { versions } of listVersions(s3, { bucket, prefix })) {
      const heads = versions.map((version) => () => inspect(s3, bucket, version));
      files.push(...(await queue.addAll(heads)));
    }
    return files.toSorted((a, b) => a.quarantinedAt.localeCompare(b.quarantinedAt));
  });
}

/** @throws OpsError when there is none, or several and no version was named */
export async function findQuarantined(
  s3: S3Client,
  bucket: string,
  key: string,
  versionId: string | undefined,
): Promise<QuarantinedFile> {
  const all = (await listQuarantined(s3, bucket, key)).filter((file) => file.key === key);
  const chosen = versionId && findById(all, (file) => file.versionId, versionId, 'versions');
  const named = versionId === undefined ? all : all.filter((file) => file === chosen);
  const [file, another] = named;
  if (file === undefined) {
    throw new OpsError(
      `there is no ${key} in quarantine${versionId ? ` of version ${versionId}` : ''}`,
      {
        how: '`quarantine list` shows what there is',
      },
    );
  }
  if (another !== undefined) {
    const versions = named.map((it) => `${it.versionId} (${it.quarantinedAt})`);
    throw new OpsError(`${key} is in quarantine ${named.length} times`, {
      how: `name one with --version: ${versions.join(', ')}`,
      exitCode: EXIT.usage,
    });
  }
  return file;
}

async function inspect(
  s3: S3Client,
  bucket: string,
  { key, versionId, sizeBytes, storedAt }: ListedVersion,
): Promise<QuarantinedFile> {
  const { Metadata = {}, ContentType } = await s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
  );
  const { verdict, finding, sha256, engine, uploadedAt, sendersMetadata } = readEvidence(Metadata);
  return {
    key,
    versionId,
    sizeBytes,
    quarantinedAt: new Date(storedAt).toISOString(),
    verdict,
    finding,
    sha256,
    engine,
    uploadedAt,
    contentType: ContentType,
    metadata: sendersMetadata,
  };
}

/** The bucket admits one role; for all others S3 answers 403, which is explained. */
export async function explainDenial<T>(bucket: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (httpStatusOf(cause) !== 403) throw cause;
    throw new OpsError(
      `you may not access ${bucket}`,
      {
        why: 'quarantine is for the one role that the stack names in SecurityRoleArn',
        how: 'assume that role and give the command again',
      },
      { cause },
    );
  }
}
