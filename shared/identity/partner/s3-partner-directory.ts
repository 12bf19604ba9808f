import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { httpStatusOf, isNoSuchKey } from '../../s3/errors.ts';
import { parsePartnerText } from './parse-partner.ts';
import { USER_NAME } from './partner.ts';
import type { PartnerLookup, PartnerDirectory } from './partner-directory.ts';

/** The most recent names; unknown ones count, too, since anyone can make them up. */
const MAX_CACHED_NAMES = 1000;

type CachedLookup = {
  readonly found: PartnerLookup;
  readonly etag: string | undefined;
  readonly checkedAt: number;
};

export function partnerKey(name: string): string {
  return `partners/${name}.json`;
}

/**
 * Reads `partners/<name>.json`. Cached for `freshForMs`; after that a conditional GET fetches it again
 * only if it has changed.
 */
export function s3PartnerDirectory(
  s3: S3Client,
  bucket: string,
  { freshForMs, now = Date.now }: { readonly freshForMs: number; readonly now?: () => number },
): PartnerDirectory {
  const cache = new Map<string, CachedLookup>();
  return {
    async find(name) {
      if (!USER_NAME.test(name)) return { kind: 'nobody' };
      const last = cache.get(name);
      if (last !== undefined && now() - last.checkedAt < freshForMs) return last.found;
      const checkedAt = now();
      const read = await readDocument(s3, bucket, name, last);
      cache.delete(name);
      cache.set(name, { ...read, checkedAt });
      for (const oldest of cache.keys()) {
        if (cache.size <= MAX_CACHED_NAMES) break;
        cache.delete(oldest);
      }
      return read.found;
    },
  };
}

async function readDocument(
  s3: S3Client,
  bucket: string,
  name: string,
  last: CachedLookup | undefined,
): Promise<Omit<CachedLookup, 'checkedAt'>> {
  try {
    const { Body, ETag } = await s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: partnerKey(name),
        ...(last?.etag !== undefined && { IfNoneMatch: last.etag }),
      }),
    );
    return { found: parseDocument(name, (await Body?.transformToString()) ?? ''), etag: ETag };
  } catch (error) {
    if (httpStatusOf(error) === 304 && last !== undefined) return last;
    if (isNoSuchKey(error)) {
      return { found: { kind: 'nobody' }, etag: undefined };
    }
    throw error;
  }
}

function parseDocument(name: string, text: string): PartnerLookup {
  const parsed = parsePartnerText(text);
  if ('problems' in parsed) return { kind: 'invalid', problems: parsed.problems };
  if (parsed.partner.name === name) return { kind: 'partner', partner: parsed.partner };
  const problem = `must be "${name}", like the document's file name; correct it`;
  return { kind: 'invalid', problems: [{ path: 'name', problem }] };
}
