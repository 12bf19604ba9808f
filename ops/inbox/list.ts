import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import PQueue from 'p-queue';
import * as v from 'valibot';
import { recordedEnding } from '../../shared/inbox/ledger-tags.ts';
import { readTags } from '../../shared/inbox/s3-tags.ts';
import { showInvisible } from '../../shared/platform/control-characters.ts';
import { isNotFound } from '../../shared/s3/errors.ts';
import { type ListedVersion, listVersions } from '../../shared/s3/list-versions.ts';
import { openContext } from '../context.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { counted, instantCell, table } from '../output.ts';
import { shortIds } from '../short-ids.ts';

const ENDINGS = ['waiting', 'delivered', 'superseded', 'skipped', 'refused'] as const;
type ListedUpload = Omit<ListedVersion, 'isLatest' | 'storedAt'> & {
  /** ISO 8601. */
  readonly uploadedAt: string;
  /** `waiting`: not ended yet. */
  readonly ending: (typeof ENDINGS)[number];
};

const Options = v.object({
  prefix: v.string(),
  ending: v.optional(v.string()),
  limit: v.number(),
});

/** Each is a request to S3, which answers in some 20 ms. */
const REQUESTS_AT_ONCE = 16;
const REQUEST_MS = 30_000;

export async function list(raw: unknown, command: Command): Promise<void> {
  const { prefix, ending, limit } = v.parse(Options, raw);
  if (ending !== undefined && !ENDINGS.some((it) => it === ending)) {
    throw new OpsError(`there is no ending ${ending}`, {
      how: `give one of ${ENDINGS.join(', ')}; what was quarantined or held is in \`quarantine list\``,
      exitCode: EXIT.usage,
    });
  }
  const { target, out } = await openContext(command);
  const bucket = target.physicalId('InboxBucket');
  const s3 = new S3Client(target.settings('s3'));
  try {
    const found: ListedUpload[] = [];
    let hasMore = false;
    for await (const upload of uploads(s3, bucket, prefix)) {
      if (ending !== undefined && upload.ending !== ending) continue;
      hasMore = found.length === limit;
      if (hasMore) break;
      found.push(upload);
    }
    out.show(found, () => format(found, prefix));
    if (hasMore) out.note(`There are more than ${limit}: narrow it by --prefix, or raise --limit.`);
  } finally {
    s3.destroy();
  }
}

async function* uploads(
  s3: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<ListedUpload> {
  const queue = new PQueue({ concurrency: REQUESTS_AT_ONCE });
  for await (const { versions } of listVersions(s3, { bucket, prefix, pageSize: 100 })) {
    const newest = versions.filter(({ isLatest }) => isLatest);
    const read = await queue.addAll(newest.map((version) => () => readUpload(s3, bucket, version)));
    yield* read.filter((upload) => upload !== undefined);
  }
}

/** `undefined` where it was removed meanwhile. */
async function readUpload(
  s3: S3Client,
  bucket: string,
  { isLatest: _isLatest, storedAt, ...version }: ListedVersion,
): Promise<ListedUpload | undefined> {
  const upload = { ...version, bucket };
  try {
    const tags = await readTags(s3, upload, AbortSignal.timeout(REQUEST_MS));
    const ending = recordedEnding(upload, tags);
    return {
      ...version,
      uploadedAt: new Date(storedAt).toISOString(),
      ending: ending === 'none' ? 'waiting' : ending,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function format(found: readonly ListedUpload[], prefix: string): string {
  if (found.length === 0) {
    return prefix === ''
      ? 'The inbox has no such upload.'
      : showInvisible(`The inbox has no such upload under ${prefix}`);
  }
  const short = shortIds(found.map(({ versionId }) => versionId));
  return [
    table(
      ['UPLOADED', 'ENDING', 'BYTES', 'KEY', 'VERSION'],
      found.map(({ uploadedAt, ending, sizeBytes, key, versionId }) => [
        instantCell(Date.parse(uploadedAt)),
        ending,
        String(sizeBytes),
        key,
        short(versionId),
      ]),
    ),
    `${counted(found.length, 'upload')}. What was quarantined or held has left the inbox: see \`quarantine list\`.`,
  ].join('\n');
}
