import { isIPv6 } from 'node:net';
import { GuessWindow } from '../../../shared/identity/login/guess-window.ts';
import type { Limits } from './limits.ts';

/** Failures answered without delay, since people mistype. */
const UNDELAYED_FAILURES = 2;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/** A login attempt that is being judged. Exactly one of the two is called. */
export type Judgement = {
  /** The secret was wrong. @returns the delay in milliseconds before it is answered */
  wrong(): number;
  /** It was right, or no secret at all. */
  notWrong(): void;
};

/**
 * Counts, for each address, the connections that are not logged in and the wrong secrets. Each further
 * wrong secret is answered more slowly; after `failuresPerAddress` within the window the address is refused.
 *
 * Attempts are counted before they are judged: no more are judged at once than the address may still get wrong.
 * The others wait until it is known how those ended, so a burst of guesses counts as many, and a burst of right
 * passwords is let in.
 *
 * An IPv6 address counts as its /64, which is what a provider assigns to one customer.
 */
export class AddressGuard {
  readonly #limits: Limits;
  readonly #halfOpen = new Map<string, number>();
  readonly #failures: GuessWindow;
  /** Attempts being judged, and those that wait for them to end. */
  readonly #judged = new Map<string, { count: number; readonly waiting: Set<() => void> }>();

  constructor(limits: Limits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#failures = new GuessWindow({
      max: limits.failuresPerAddress,
      windowMs: limits.failureWindowMs,
      now,
    });
  }

  /** Why a connection from the address is refused; undefined = it is admitted and counts as half open. */
  admit(address: string): 'too-many-failures' | 'too-many-half-open' | undefined {
    const network = networkOf(address);
    if (this.#failures.isFull(network)) return 'too-many-failures';
    const count = this.#halfOpen.get(network) ?? 0;
    if (count >= this.#limits.halfOpenPerAddress) return 'too-many-half-open';
    this.#halfOpen.set(network, count + 1);
    return undefined;
  }

  /** Call once an admitted connection has logged in or closed. */
  leaveHalfOpen(address: string): void {
    const network = networkOf(address);
    const count = (this.#halfOpen.get(network) ?? 1) - 1;
    if (count > 0) this.#halfOpen.set(network, count);
    else this.#halfOpen.delete(network);
  }

  /**
   * Call before each attempt is judged; waits while others from the address are.
   *
   * @returns undefined if the address has sent too many wrong secrets: the attempt must not be judged
   * @throws the signal's reason
   */
  async begin(address: string, signal: AbortSignal): Promise<Judgement | undefined> {
    const network = networkOf(address);
    const state = this.#judged.get(network) ?? { count: 0, waiting: new Set() };
    this.#judged.set(network, state);
    const leave = (): void => {
      if (state.count === 0 && state.waiting.size === 0) this.#judged.delete(network);
    };
    while (!this.#failures.isFull(network)) {
      if (this.#failures.countOf(network) + state.count < this.#limits.failuresPerAddress) {
        state.count += 1;
        const end = (): void => {
          state.count -= 1;
          for (const look of state.waiting) look();
          leave();
        };
        return {
          wrong: () => {
            const count = this.#failures.add(network);
            end();
            return delayAfter(count);
          },
          notWrong: end,
        };
      }
      try {
        await untilCalled(state.waiting, signal);
      } catch (error) {
        leave();
        throw error;
      }
    }
    leave();
    return undefined;
  }
}

function delayAfter(failureCount: number): number {
  if (failureCount <= UNDELAYED_FAILURES) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (failureCount - UNDELAYED_FAILURES - 1), MAX_DELAY_MS);
}

/** Resolves when a function that it adds to `listeners` is called. @throws the signal's reason */
async function untilCalled(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  listeners.add(resolve);
  signal.addEventListener('abort', abort);
  try {
    await promise;
  } finally {
    listeners.delete(resolve);
    signal.removeEventListener('abort', abort);
  }
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [start = '', end] = address.split('::');
  const groups = start === '' ? [] : start.split(':');
  if (end !== undefined) {
    const rest = end === '' ? [] : end.split(':');
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return groups.slice(0, 4).join(':');
}
