import type { Scanner } from './scanner.ts';

/**
 * Asks for the version at most once per `forMs`, which saves a connection per file. After the
 * database was replaced, its old version may be reported for that long. Replies to scans are not
 * cached.
 *
 * @param now epoch milliseconds
 */
export function cacheVersion(
  scanner: Scanner,
  forMs: number,
  now: () => number = Date.now,
): Scanner {
  let cached: { readonly version: string; readonly askedAt: number } | undefined;
  return {
    scan: (path, signal) => scanner.scan(path, signal),
    async version(signal) {
      const askedAt = now();
      if (cached && askedAt - cached.askedAt < forMs) return cached.version;
      const version = await scanner.version(signal);
      cached = { version, askedAt };
      return version;
    },
  };
}
