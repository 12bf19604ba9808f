/**
 * What must hold in the bucket at the instant an object is created; S3 refuses the request otherwise.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export type WriteCondition =
  /** The key has no object. */
  | { readonly kind: 'absent' }
  /** The key still has the object with this ETag. */
  | { readonly kind: 'unchanged'; readonly etag: string };

/** The headers of a PutObject, CompleteMultipartUpload or CopyObject with the condition. */
export function conditionHeaders(condition: WriteCondition | undefined): {
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
} {
  if (condition === undefined) return {};
  return condition.kind === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
}

/** The condition that a file is continued, or replaced, only as long as nobody else has replaced it. */
export function unchanged({
  etag,
}: {
  readonly etag: string | undefined;
}): WriteCondition | undefined {
  return etag === undefined ? undefined : { kind: 'unchanged', etag };
}
