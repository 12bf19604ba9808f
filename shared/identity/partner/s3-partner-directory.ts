import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { httpStatusOf, isNoSuchKey } from '../../s3/errors.ts';
import { parsePartnerText } from './parse-partner.ts';
import { USER_NAME } from './partner.ts';
import type { PartnerLookup, PartnerDirectory } from './partner-directory.ts';

/** Names that were asked for last; those that belong to nobody count, too, since anybody can invent them. */
const NAMES_KEPT = 1000;

type Kept = {
  readonly found: PartnerLookup;
  readonly etag: string | undefined;
  readonly checkedAt: number;
};

export function partnerKey(name: string): string {
  return `partners/${name}.json`;
}

/**
 * Reads `partners/<name>.json`. What was read is good for `freshForMs`; after that S3 is asked whether
 * it has changed, and only sends it when it has.
 */
export function s3PartnerDirectory(
  s3: S3Client,
  bucket: string,
  { freshForMs, now = Date.now }: { readonly freshForMs: number; readonly now?: () => number },
): PartnerDirectory {
  const kept = new Map<string, Kept>();
  return {
    async find(name) {
      if (!USER_NAME.test(name)) return { kind: 'nobody' };
      const last = kept.get(name);
      if (last !== undefined && now() - last.checkedAt < freshForMs) return last.found;
      const checkedAt = now();
      const read = await readDocument(s3, bucket, name, last);
      kept.delete(name);
      kept.set(name, { ...read, checkedAt });
      for (const oldest of kept.keys()) {
        if (kept.size <= NAMES_KEPT) break;
        kept.delete(oldest);
      }
      return read.found;
    },
  };
}

async function readDocument(
  s3: S3Client,
  bucket: string,
  name: string,
  last: Kept | undefined,
): Promise<Omit<Kept, 'checkedAt'>> {
  try {
    const { Body, ETag } = await s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: partnerKey(name),
        ...(last?.etag !== undefined && { IfNoneMatch: last.etag }),
      }),
    );
    return { found: understand(name, (await Body?.transformToString()) ?? ''), etag: ETag };
  } catch (error) {
    if (httpStatusOf(error) === 304 && last !== undefined) return last;
    if (isNoSuchKey(error)) {
      return { found: { kind: 'nobody' }, etag: undefined };
    }
    throw error;
  }
}

function understand(name: string, text: string): PartnerLookup {
  const parsed = parsePartnerText(text);
  if ('problems' in parsed) return { kind: 'invalid', problems: parsed.problems };
  if (parsed.partner.name === name) return { kind: 'partner', partner: parsed.partner };
  const problem = `must be "${name}", as the document's own name is; correct it`;
  return { kind: 'invalid', problems: [{ path: 'name', problem }] };
}
