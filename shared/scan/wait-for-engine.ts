import { setTimeout as sleep } from 'node:timers/promises';
import type { Scanner } from './scanner.ts';

const ASK_EVERY_MS = 100;

/**
 * Waits for an engine that is just starting: until its first answer, but not longer than so. From
 * then on, and once in vain, silence is an error at once, and the message comes back later.
 *
 * @param patienceMs 0 for an engine that was started before
 */
export function awaitEngine(scanner: Scanner, patienceMs: number): Scanner {
  let isExpected = patienceMs > 0;
  return {
    scan: (path, signal) => scanner.scan(path, signal),
    async version(signal) {
      const until = Date.now() + patienceMs;
      for (;;) {
        try {
          const version = await scanner.version(signal);
          isExpected = false;
          return version;
        } catch (error) {
          if (Date.now() >= until) isExpected = false;
          if (!isExpected || signal.aborted) throw error;
          await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => {});
        }
      }
    },
  };
}
