/**
 * The HTTP status of S3's answer, `undefined` for an error that is none. Reads the fields that the
 * SDK sets on the errors of a service, so a second copy of the SDK makes no difference.
 */
export function httpStatusOf(error: unknown): number | undefined {
  // The SDK also sets `$metadata` where it could not read an answer; that one has no `$fault`.
  if (!(error instanceof Error) || !('$fault' in error) || !('$metadata' in error)) {
    return undefined;
  }
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const status: unknown = 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** True when the object, the version or the bucket does not exist. A HEAD does not say which. */
export function isNotFound(error: unknown): boolean {
  return httpStatusOf(error) === 404;
}

/** True when there is a bucket but no such object in it, which a GET does say. */
export function isNoSuchKey(error: unknown): boolean {
  return isNotFound(error) && error instanceof Error && error.name === 'NoSuchKey';
}
