import type { Scanner } from './scanner.ts';

/**
 * Asks for the version at most every so many milliseconds, which saves a connection per file. A
 * database that was replaced may be told by its old version for that long; verdicts are never
 * remembered.
 *
 * @param now epoch milliseconds
 */
export function rememberVersion(
  scanner: Scanner,
  forMs: number,
  now: () => number = Date.now,
): Scanner {
  let known: { readonly version: string; readonly askedAt: number } | undefined;
  return {
    scan: (path, signal) => scanner.scan(path, signal),
    async version(signal) {
      const askedAt = now();
      if (known && askedAt - known.askedAt < forMs) return known.version;
      const version = await scanner.version(signal);
      known = { version, askedAt };
      return version;
    },
  };
}
