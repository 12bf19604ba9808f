import { isIPv6 } from 'node:net';
import type { Limits } from './limits.ts';

/** Addresses remembered at once; the ones that failed longest ago are forgotten first. */
const MAX_REMEMBERED = 10_000;

/** Guesses that cost nothing but the answer; people mistype. */
const FREE_FAILURES = 2;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

type Failures = { readonly count: number; readonly lastAt: number };

/**
 * What is known of the addresses that connect: how many connections each has that are not logged in,
 * and how often a secret from there was wrong. Guessing gets slower with each guess, and then ends.
 *
 * An IPv6 address counts as its /64, which is what one customer of a provider has.
 */
export class AddressGuard {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #halfOpen = new Map<string, number>();
  readonly #failures = new Map<string, Failures>();

  constructor(limits: Limits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Why a connection from there is refused; undefined = it counts as half-open from now on. */
  admit(address: string): 'too-many-failures' | 'too-many-half-open' | undefined {
    const network = networkOf(address);
    if (this.#failureCount(network) >= this.#limits.failuresPerAddress) return 'too-many-failures';
    const count = this.#halfOpen.get(network) ?? 0;
    if (count >= this.#limits.halfOpenPerAddress) return 'too-many-half-open';
    this.#halfOpen.set(network, count + 1);
    return undefined;
  }

  /** A connection that was admitted has logged in, or is gone. */
  settle(address: string): void {
    const network = networkOf(address);
    const count = (this.#halfOpen.get(network) ?? 1) - 1;
    if (count > 0) this.#halfOpen.set(network, count);
    else this.#halfOpen.delete(network);
  }

  /** Notes a wrong secret. @returns how long to wait before it is answered */
  failed(address: string): number {
    const network = networkOf(address);
    const count = this.#failureCount(network) + 1;
    this.#failures.delete(network);
    this.#failures.set(network, { count, lastAt: this.#now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
    if (count <= FREE_FAILURES) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (count - FREE_FAILURES - 1), MAX_DELAY_MS);
  }

  #failureCount(network: string): number {
    const failures = this.#failures.get(network);
    if (failures === undefined) return 0;
    if (this.#now() - failures.lastAt < this.#limits.failureMemoryMs) return failures.count;
    this.#failures.delete(network);
    return 0;
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
