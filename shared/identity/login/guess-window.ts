/** Keys remembered at once; those whose last guess is oldest are dropped first. */
const MAX_KEYS = 10_000;

/**
 * Counts wrong passwords per key (an address, a user name) over the last `windowMs`: each guess counts
 * for exactly that long, so pauses between guesses do not start the count again.
 *
 * Holds at most `max` times for each key, whatever is added.
 */
export class GuessWindow {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  /** Epoch milliseconds of the guesses that count, the oldest first. */
  readonly #times = new Map<string, readonly number[]>();

  constructor(options: {
    readonly max: number;
    readonly windowMs: number;
    readonly now?: () => number;
  }) {
    this.#max = options.max;
    this.#windowMs = options.windowMs;
    this.#now = options.now ?? Date.now;
  }

  /** @returns how many guesses now count for the key, at most `max` */
  add(key: string): number {
    const times = [...this.#current(key), this.#now()].slice(-this.#max);
    this.#times.delete(key);
    this.#times.set(key, times);
    const [oldest] = this.#times.keys();
    if (this.#times.size > MAX_KEYS && oldest !== undefined) this.#times.delete(oldest);
    return times.length;
  }

  /** For a guess that was counted before it was judged, and was right. */
  takeBack(key: string): void {
    const times = this.#current(key).slice(0, -1);
    if (times.length > 0) this.#times.set(key, times);
    else this.#times.delete(key);
  }

  countOf(key: string): number {
    return this.#current(key).length;
  }

  isFull(key: string): boolean {
    return this.countOf(key) >= this.#max;
  }

  #current(key: string): readonly number[] {
    const since = this.#now() - this.#windowMs;
    return (this.#times.get(key) ?? []).filter((at) => at > since);
  }
}
