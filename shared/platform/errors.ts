import { getSystemErrorMessage } from 'node:util';

/** One line: the message, with the error's name unless that is `Error`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || 'no message';
  return error.name === 'Error' || message.startsWith(error.name)
    ? message
    : `${error.name}: ${message}`;
}

/**
 * As `describeError`, for those who must not see where our files lie: Node's own message of a failed
 * system call quotes the path, so only the call, its code and what the code means are told.
 */
export function describeWithoutPath(error: unknown): string {
  if (!namesPath(error)) return describeError(error);
  return `${error.code}: ${getSystemErrorMessage(error.errno)}, ${error.syscall}`;
}

type SystemError = Error & { code: string; errno: number; syscall: string };

/** True for an error of a system call on a file, or on a unix socket. */
function namesPath(error: unknown): error is SystemError {
  if (errorCode(error) === undefined || !(error instanceof Error)) return false;
  const isSystemError = 'errno' in error && typeof error.errno === 'number' && 'syscall' in error;
  const address = 'address' in error ? String(error.address) : '';
  return isSystemError && ('path' in error || 'dest' in error || address.startsWith('/'));
}

/** The `code` of a Node or AWS SDK error (`ENOSPC`, `ECONNRESET` ...), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
