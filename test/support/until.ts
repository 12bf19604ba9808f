import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 25;

/**
 * Looks again and again until `seen` accepts what `look` finds, and returns that. For what sends no
 * event when it changes: a log, a tag, a process. (Unlike `expect.poll` it works in concurrent
 * tests and in helpers.)
 *
 * @throws Error with the last thing seen, when it takes longer than `patienceMs`
 */
export async function until<T>(
  look: () => Promise<T> | T,
  seen: (found: T) => boolean,
  patienceMs = 30_000,
): Promise<T> {
  const end = Date.now() + patienceMs;
  let last: T | undefined;
  do {
    const found = await look();
    if (seen(found)) return found;
    last = found;
    await sleep(PAUSE_MS);
  } while (Date.now() < end);
  throw new Error(`waited ${patienceMs} ms in vain; last seen: ${JSON.stringify(last, null, 1)}`);
}
