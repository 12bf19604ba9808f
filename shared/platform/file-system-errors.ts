import { describeError, errorCode, IngestError, type IngestErrorCode } from './errors.ts';

const CODES: Readonly<Record<string, IngestErrorCode>> = {
  ENOSPC: 'LANDING_FULL',
  EDQUOT: 'LANDING_FULL',
  EISDIR: 'KEY_COLLIDES',
  ENOTDIR: 'KEY_COLLIDES',
  EEXIST: 'KEY_COLLIDES',
  ENOTEMPTY: 'KEY_COLLIDES',
  ENAMETOOLONG: 'KEY_UNSAFE',
};

/** What an error of the landing file system means for the message; unknown ones are retried. */
export function toLandingError(error: unknown, doing: string): IngestError {
  if (error instanceof IngestError) return error;
  const code = CODES[errorCode(error) ?? ''] ?? 'LANDING_UNAVAILABLE';
  return new IngestError(code, `${doing}: ${describeError(error)}`, { cause: error });
}
