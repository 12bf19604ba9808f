import { GuessWindow } from '../../../shared/identity/login/guess-window.ts';
import type { Limits } from './limits.ts';

/** Longer names are none; see USER_NAME. */
const MAX_NAME_CHARACTERS = 100;
/** Pairs of name and address that have logged in; the oldest are dropped first. */
const MAX_KNOWN = 10_000;

/**
 * Slows down guesses at one name that come from many addresses. Nobody is refused, so a stranger cannot lock a
 * partner out: from an address that has logged in by this name before there is no delay, and from others a login
 * takes `nameDelayMs` longer while the name is under attack.
 *
 * Unknown names are treated alike, so the delay does not tell which names exist.
 */
export class NameGuard {
  readonly #delayMs: number;
  readonly #guesses: GuessWindow;
  readonly #known = new Set<string>();

  constructor(limits: Limits, now: () => number = Date.now) {
    this.#delayMs = limits.nameDelayMs;
    this.#guesses = new GuessWindow({
      max: limits.failuresPerName,
      windowMs: limits.failureWindowMs,
      now,
    });
  }

  /** The delay in milliseconds before a password is judged. */
  delayFor(username: string, address: string): number {
    if (this.#known.has(pairOf(username, address))) return 0;
    return this.#guesses.isFull(nameOf(username)) ? this.#delayMs : 0;
  }

  recordFailure(username: string): void {
    this.#guesses.add(nameOf(username));
  }

  recordLogin(username: string, address: string): void {
    const pair = pairOf(username, address);
    this.#known.delete(pair);
    this.#known.add(pair);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

function nameOf(username: string): string {
  return username.slice(0, MAX_NAME_CHARACTERS);
}

function pairOf(username: string, address: string): string {
  return JSON.stringify([nameOf(username), address]);
}
