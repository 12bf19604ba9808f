import { S3Error } from './errors.ts';

type Headers = ReadonlyMap<string, string>;

/** What conditions compare with. */
export type Validators = { readonly etag: string; readonly modifiedAtMs: number };

/** Header names of the conditions; those on a copy's source have longer names. */
export type ConditionNames = {
  readonly match: string;
  readonly noneMatch: string;
  readonly modifiedSince: string;
  readonly unmodifiedSince: string;
};

export const READ_CONDITIONS: ConditionNames = {
  match: 'if-match',
  noneMatch: 'if-none-match',
  modifiedSince: 'if-modified-since',
  unmodifiedSince: 'if-unmodified-since',
};

export const COPY_SOURCE_CONDITIONS: ConditionNames = {
  match: 'x-amz-copy-source-if-match',
  noneMatch: 'x-amz-copy-source-if-none-match',
  modifiedSince: 'x-amz-copy-source-if-modified-since',
  unmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
};

/**
 * The condition that fails, if any. As in RFC 9110 an ETag condition overrides its date condition.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function failedReadCondition(
  headers: Headers,
  names: ConditionNames,
  object: Validators,
): keyof ConditionNames | undefined {
  const match = headers.get(names.match);
  if (match === undefined) {
    const since = parseDate(headers.get(names.unmodifiedSince));
    if (since !== undefined && object.modifiedAtMs > since) return 'unmodifiedSince';
  } else if (!matchesEtag(match, object.etag)) {
    return 'match';
  }
  const noneMatch = headers.get(names.noneMatch);
  if (noneMatch === undefined) {
    const since = parseDate(headers.get(names.modifiedSince));
    if (since !== undefined && object.modifiedAtMs <= since) return 'modifiedSince';
  } else if (matchesEtag(noneMatch, object.etag)) {
    return 'noneMatch';
  }
  return undefined;
}

/**
 * Checks a write's conditions on the current object (undefined: none, or a delete marker).
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @throws S3Error PreconditionFailed, or NoSuchKey for If-Match without an object
 */
export function checkWriteConditions(headers: Headers, current: Validators | undefined): void {
  const noneMatch = headers.get('if-none-match');
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') {
      throw new S3Error('NotImplemented', 'If-None-Match on a write is implemented for * only.');
    }
    if (current !== undefined) throw preconditionFailed('If-None-Match');
  }
  const match = headers.get('if-match');
  if (match === undefined) return;
  if (current === undefined) {
    throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  }
  if (!matchesEtag(match, current.etag)) throw preconditionFailed('If-Match');
}

/** @throws S3Error PreconditionFailed unless the current object has this ETag (or, for `*`, exists) */
export function checkDeleteCondition(
  match: string | undefined,
  current: Validators | undefined,
): void {
  if (match === undefined) return;
  if (current === undefined || !matchesEtag(match, current.etag)) {
    throw preconditionFailed('If-Match');
  }
}

export function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    { details: { Condition: condition } },
  );
}

/** `header` is `*` or a list of ETags, with or without quotes. */
export function matchesEtag(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((item) => item.trim())
    .some((item) => item === '*' || item.replace(/^(?:W\/)?"(.*)"$/, '$1') === etag);
}

function parseDate(header: string | undefined): number | undefined {
  const ms = Date.parse(header ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
