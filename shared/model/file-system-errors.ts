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

/** What an error under the staging root means: never the key's fault, since we choose the names. */
export function toStagingError(error: unknown): IngestError {
  return named(error, FULL, 'staging');
}

/** What an error under the landing root means; it may be that two keys cannot stand side by side. */
export function toLandingError(error: unknown, landingPath: string): IngestError {
  return named(error, { ...FULL, ...COLLISION }, `landing ${landingPath}`);
}

function named(
  error: unknown,
  codes: Readonly<Record<string, IngestErrorCode>>,
  doing: string,
): IngestError {
  if (error instanceof IngestError) return error;
  const code = codes[errorCode(error) ?? ''] ?? 'LANDING_UNAVAILABLE';
  // The ingest makes neither root itself.
  const hint = errorCode(error) === 'ENOENT' ? ' (is the file system mounted?)' : '';
  return new IngestError(code, `${doing}: ${describeError(error)}${hint}`, { cause: error });
}
