import {
  HeadObjectCommand,
  type ObjectVersion,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { EXIT, OpsError } from '../ops-error.ts';
import { versionPages } from '../versions.ts';

/** A file that was kept away from the landing tree, and the evidence beside it. */
export type Kept = {
  readonly key: string;
  readonly versionId: string;
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly keptAt: string;
  readonly verdict: string;
  /** The signature that matched, or why nothing could be said. */
  readonly finding: string;
  readonly sha256: string;
  readonly engine: string;
  /** ISO 8601: when its sender uploaded it; unknown of what was kept before this was recorded. */
  readonly uploadedAt: string | undefined;
  readonly contentType: string | undefined;
  /** What the sender gave it; the SFTP server says there who that was. */
  readonly metadata: Readonly<Record<string, string>>;
};

const LOOKS_AT_ONCE = 16;
const OURS = 'airlock-';

/** Every kept file whose key begins with the prefix, oldest first. @throws OpsError when not allowed */
export async function listKept(
  s3: S3Client,
  bucket: string,
  prefix: string,
): Promise<readonly Kept[]> {
  return await explained(bucket, async () => {
    const queue = new PQueue({ concurrency: LOOKS_AT_ONCE });
    const kept: Kept[] = [];
    for await (const { Versions = [] } of versionPages(s3, bucket, prefix)) {
      const looks = Versions.map((version) => () => look(s3, bucket, version));
      kept.push(...(await queue.addAll(looks)));
    }
    return kept.toSorted((a, b) => a.keptAt.localeCompare(b.keptAt));
  });
}

/** @throws OpsError when there is none, or several and no version was named */
export async function findKept(
  s3: S3Client,
  bucket: string,
  key: string,
  versionId: string | undefined,
): Promise<Kept> {
  const all = (await listKept(s3, bucket, key)).filter((kept) => kept.key === key);
  const named = all.filter((kept) => versionId === undefined || kept.versionId === versionId);
  const [kept, another] = named;
  if (kept === undefined) {
    throw new OpsError(
      `there is no ${key} in quarantine${versionId ? ` of version ${versionId}` : ''}`,
      {
        how: '`quarantine list` shows what there is',
      },
    );
  }
  if (another !== undefined) {
    throw new OpsError(`${key} is in quarantine ${named.length} times`, {
      how: `name one with --version: ${named.map((it) => `${it.versionId} (${it.keptAt})`).join(', ')}`,
      exitCode: EXIT.usage,
    });
  }
  return kept;
}

async function look(s3: S3Client, bucket: string, version: ObjectVersion): Promise<Kept> {
  const { Key: key = '', VersionId: versionId = '', Size = 0, LastModified } = version;
  const { Metadata = {}, ContentType } = await s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
  );
  const evidence = (name: string): string => Metadata[`${OURS}${name}`] ?? 'unknown';
  return {
    key,
    versionId,
    sizeBytes: Size,
    keptAt: (LastModified ?? new Date(0)).toISOString(),
    verdict: evidence('verdict'),
    finding: evidence('finding'),
    sha256: evidence('sha256'),
    engine: evidence('engine'),
    uploadedAt: Metadata[`${OURS}uploaded-at`],
    contentType: ContentType,
    metadata: Object.fromEntries(
      Object.entries(Metadata).filter(([name]) => !name.startsWith(OURS)),
    ),
  };
}

/** The bucket lets one role in, and tells all others nothing but 403. */
export async function explained<T>(bucket: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof S3ServiceException) || cause.$metadata.httpStatusCode !== 403)
      throw cause;
    throw new OpsError(
      `${bucket} does not let you in`,
      {
        why: 'quarantine is for the one role that the stack names in SecurityRoleArn',
        how: 'assume that role and give the command again',
      },
      { cause },
    );
  }
}
