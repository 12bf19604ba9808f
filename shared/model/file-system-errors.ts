import { IngestError, type IngestErrorCode } from './ingest-error.ts';
import { describeWithoutPath, errorCode } from '../platform/errors.ts';

/*
 * All errors of the file systems get their code and their words here. The words go to partners and
 * subscribers, so they never say where our files lie.
 */

type Codes = Readonly<Record<string, IngestErrorCode>>;

const STAGING: Codes = { ENOSPC: 'STAGING_FULL', EDQUOT: 'STAGING_FULL' };

/** The key is never the cause of what happens at a root: we choose the names there. */
const ROOT: Codes = { ENOSPC: 'LANDING_FULL', EDQUOT: 'LANDING_FULL' };

const BELOW_ROOT: Codes = {
  ...ROOT,
  EISDIR: 'KEY_COLLIDES',
  ENOTDIR: 'KEY_COLLIDES',
  EEXIST: 'KEY_COLLIDES',
  ENOTEMPTY: 'KEY_COLLIDES',
  // A link where a folder is needed; links are not followed.
  ELOOP: 'KEY_COLLIDES',
  ENAMETOOLONG: 'KEY_UNSAFE',
};

/** Roots are made by the deployment alone, never by the ingest. */
const HINTS: Readonly<Record<string, string>> = {
  ENOENT: ' (is the file system mounted?)',
  ENOTDIR: ' (something else is where the directory should be)',
  EXDEV: ' (its two directories must be on one file system)',
};

/** The error of a failure on the function's own disk. */
export function toStagingError(error: unknown): IngestError {
  return toIngestError(error, STAGING, 'STAGING_UNAVAILABLE', 'staging');
}

/** The error of a failure at the landing root itself, or in the private directory beside it. */
export function toLandingRootError(error: unknown): IngestError {
  const hint = HINTS[errorCode(error) ?? ''];
  return toIngestError(error, ROOT, 'LANDING_UNAVAILABLE', 'the landing file system', hint);
}

/** The error of a failure below the landing root, where two keys may collide. */
export function toLandingError(error: unknown, landingPath: string): IngestError {
  return toIngestError(error, BELOW_ROOT, 'LANDING_UNAVAILABLE', `landing ${landingPath}`);
}

function toIngestError(
  error: unknown,
  codes: Codes,
  otherwise: IngestErrorCode,
  subject: string,
  hint = '',
): IngestError {
  if (error instanceof IngestError) return error;
  const code = codes[errorCode(error) ?? ''] ?? otherwise;
  const message = `${subject}: ${describeWithoutPath(error)}${hint}`;
  return new IngestError(code, message, { cause: error });
}
