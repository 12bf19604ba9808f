import * as v from 'valibot';
import { hasSafeSegments, S3_BUCKET_NAME } from './paths.ts';

/** Stands for the inbox's bucket in a home directory's target, so that documents are portable. */
export const INBOX = '${inbox}';

const path = (what: string) =>
  v.pipe(
    v.string('must be text'),
    v.regex(/^\//, 'must begin with a slash'),
    v.maxLength(1024, 'must be at most 1024 characters long'),
    v.check(
      (value) => value === '/' || hasSafeSegments(value.slice(1)),
      `must be ${what}, without a slash at its end, without ".", ".." or empty parts and without the characters * ? $ { } " \\`,
    ),
  );

/** A place in a bucket. */
const place = v.pipe(
  v.string('must be text'),
  v.check(
    isTarget,
    `must be /bucket or /bucket/folder, with ${INBOX} or a bucket's name, without a slash at its end, without ".", ".." or empty parts and without the characters * ? $ { } " \\`,
  ),
);

export const HomeDirectory = v.strictObject({
  entry: v.pipe(
    path('/ or a path like /inbound'),
    v.description('The path that the partner sees.'),
  ),
  target: v.pipe(
    place,
    v.description(
      `Where it is: /bucket or /bucket/folder; ${INBOX} stands for the inbox's bucket.`,
    ),
  ),
});

export const HomePath = v.pipe(
  place,
  v.description(
    `Instead of homeDirectories: the partner sees real paths, and begins at this one: /bucket or /bucket/folder; ${INBOX} stands for the inbox's bucket.`,
  ),
);

export type HomeDirectory = v.InferOutput<typeof HomeDirectory>;

function isTarget(text: string): boolean {
  const [, bucket, folder] = /^\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  if (bucket === undefined || text.length > 1024) return false;
  return (
    (bucket === INBOX || S3_BUCKET_NAME.test(bucket)) &&
    (folder === undefined || hasSafeSegments(folder))
  );
}
