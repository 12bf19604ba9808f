import { isIPv6 } from 'node:net';
import type { Limits } from './limits.ts';

/** Addresses remembered at once; those whose last failure is oldest are dropped first. */
const MAX_REMEMBERED = 10_000;

/** Failures answered without delay, since people mistype. */
const UNDELAYED_FAILURES = 2;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

type Failures = { readonly count: number; readonly lastAt: number };

/**
 * Counts, for each address, the connections that are not logged in and the wrong secrets. Each further
 * wrong secret is answered more slowly; after `failuresPerAddress` the address is refused.
 *
 * An IPv6 address counts as its /64, which is what a provider assigns to one customer.
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

  /** Why a connection from the address is refused; undefined = it is admitted and counts as half open. */
  admit(address: string): 'too-many-failures' | 'too-many-half-open' | undefined {
    const network = networkOf(address);
    if (this.#failureCount(network) >= this.#limits.failuresPerAddress) return 'too-many-failures';
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

  /** Counts a wrong secret. @returns the delay in milliseconds before it is answered */
  recordFailure(address: string): number {
    const network = networkOf(address);
    const count = this.#failureCount(network) + 1;
    this.#failures.delete(network);
    this.#failures.set(network, { count, lastAt: this.#now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
    if (count <= UNDELAYED_FAILURES) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (count - UNDELAYED_FAILURES - 1), MAX_DELAY_MS);
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
