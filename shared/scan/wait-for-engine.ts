import { setTimeout as sleep } from 'node:timers/promises';
import type { Scanner } from './scanner.ts';

const RETRY_EVERY_MS = 100;

/**
 * Retries `version` while the engine is starting. After its first reply, or once `maxWaitMs` have
 * passed in one call, errors are thrown immediately.
 *
 * @param maxWaitMs 0 for an engine that is already running
 */
export function waitForEngine(scanner: Scanner, maxWaitMs: number): Scanner {
  let isStarting = maxWaitMs > 0;
  return {
    scan: (path, signal) => scanner.scan(path, signal),
    async version(signal) {
      const until = Date.now() + maxWaitMs;
      for (;;) {
        try {
          const version = await scanner.version(signal);
          isStarting = false;
          return version;
        } catch (error) {
          if (Date.now() >= until) isStarting = false;
          if (!isStarting || signal.aborted) throw error;
          await sleep(RETRY_EVERY_MS, undefined, { signal }).catch(() => {});
        }
      }
    },
  };
}
