/** One line: the message, with the error's name unless that is `Error`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || 'no message';
  return error.name === 'Error' || message.startsWith(error.name)
    ? message
    : `${error.name}: ${message}`;
}

/** The `code` of a Node or AWS SDK error (`ENOSPC`, `ECONNRESET` ...), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
