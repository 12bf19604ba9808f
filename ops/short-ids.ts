import { EXIT, OpsError } from './ops-error.ts';
import { terminalColumns } from './output.ts';

/** Enough to tell a few thousand apart, and to be read aloud. */
const SHORTEST = 8;

/**
 * On a terminal, the shortest beginnings that tell the ids apart, which commands take in place of the
 * whole; in a pipe the whole.
 */
export function shortIds(ids: readonly string[]): (id: string) => string {
  if (terminalColumns() === Number.POSITIVE_INFINITY) return (id) => id;
  const longest = Math.max(SHORTEST, ...ids.map((id) => id.length));
  const distinctCount = new Set(ids).size;
  let length = SHORTEST;
  while (length < longest && new Set(ids.map((id) => id.slice(0, length))).size < distinctCount) {
    length += 1;
  }
  return (id) => id.slice(0, length);
}

/**
 * The one whose id is this, or begins so.
 *
 * @param what of what kind they are, for messages
 * @returns `undefined` when there is none
 * @throws OpsError when several begin so
 */
export function findById<T>(
  all: readonly T[],
  idOf: (it: T) => string,
  wanted: string,
  what: string,
): T | undefined {
  const exact = all.find((it) => idOf(it) === wanted);
  if (exact !== undefined || wanted === '') return exact;
  const found = all.filter((it) => idOf(it).startsWith(wanted));
  if (found.length <= 1) return found[0];
  throw new OpsError(`${wanted} is the beginning of ${found.length} ${what}`, {
    how: `give more of it: ${found.slice(0, 5).map(idOf).join(', ')}`,
    exitCode: EXIT.usage,
  });
}
