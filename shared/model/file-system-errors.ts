import { IngestError, type IngestErrorCode } from './ingest-error.ts';
import { describeError, errorCode } from '../platform/errors.ts';

const FULL: Readonly<Record<string, IngestErrorCode>> = {
  ENOSPC: 'LANDING_FULL',
  EDQUOT: 'LANDING_FULL',
};

const COLLISION: Readonly<Record<string, IngestErrorCode>> = {
  EISDIR: 'KEY_COLLIDES',
  ENOTDIR: 'KEY_COLLIDES',
  EEXIST: 'KEY_COLLIDES',
  ENOTEMPTY: 'KEY_COLLIDES',
  ENAMETOOLONG: 'KEY_UNSAFE',
};

/** The error code of a failure under the staging root. The key is never the cause: we choose the names. */
export function toStagingError(error: unknown): IngestError {
  return named(error, FULL, 'staging');
}

/** The error code of a failure under the landing root, where two keys may collide. */
export function toLandingError(error: unknown, landingPath: string): IngestError {
  return named(error, { ...FULL, ...COLLISION }, `landing ${landingPath}`);
}

function named(
  error: unknown,
  codes: Readonly<Record<string, IngestErrorCode>>,
  action: string,
): IngestError {
  if (error instanceof IngestError) return error;
  const code = codes[errorCode(error) ?? ''] ?? 'LANDING_UNAVAILABLE';
  // The ingest creates neither root itself.
  const hint = errorCode(error) === 'ENOENT' ? ' (is the file system mounted?)' : '';
  return new IngestError(code, `${action}: ${describeError(error)}${hint}`, { cause: error });
}
