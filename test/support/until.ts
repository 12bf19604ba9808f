import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 25;

/** How long nothing may change before a wait ends. A machine that is busy is slow, but it gets on. */
const PATIENCE_MS = 120_000;

/** For a program that starts, which shows nothing of how far it is. */
export const START_PATIENCE_MS = 300_000;

/** For tests whose waits are bounded by progress; their own timeout only ends what gets on for ever. */
export const LAST_RESORT_MS = 900_000;

/**
 * Looks again and again until `seen` accepts what `look` finds, and returns that. For what sends no
 * event when it changes: a log, a tag, a process. (Unlike `expect.poll` it works in concurrent
 * tests and in helpers.)
 *
 * Bounded by progress, not by the clock: each change of what is found renews the patience, and so
 * does a change of what `progress` returns, for a look that sees nothing of the work before it ends.
 *
 * @throws Error with the last thing seen, when nothing has changed for `patienceMs`
 */
export async function until<T>(
  look: () => Promise<T> | T,
  seen: (found: T) => boolean,
  { patienceMs = PATIENCE_MS, progress = (): unknown => undefined } = {},
): Promise<T> {
  let changedAt = Date.now();
  let before = '';
  for (;;) {
    const found = await look();
    if (seen(found)) return found;
    const now = describe([found, progress()]);
    if (now !== before) [before, changedAt] = [now, Date.now()];
    if (Date.now() - changedAt >= patienceMs) {
      throw new Error(`nothing changed for ${patienceMs} ms; last seen: ${describe(found, 1)}`);
    }
    await sleep(PAUSE_MS);
  }
}

/** Sets and maps have no JSON of their own. */
function describe(value: unknown, indent?: number): string {
  const plain = (_key: string, one: unknown): unknown =>
    one instanceof Set || one instanceof Map ? [...one] : one;
  return JSON.stringify(value, plain, indent) ?? 'undefined';
}
