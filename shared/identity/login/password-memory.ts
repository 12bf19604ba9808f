import { createHmac, randomBytes } from 'node:crypto';
import type { PasswordHash } from '../partner/password.ts';

const MAX_REMEMBERED = 1000;

/**
 * Remembers for a while which passwords let a partner in: clients log in again every few minutes, and a
 * check takes 100 ms by design. Holds HMACs under a key that never leaves the process, bound to the stored
 * hash, so a new password invalidates them.
 *
 * Asked only about logins that a right password would let in, and told only about those that were let in
 * (`logIn` sees to both): otherwise a fast denial would confirm the password of a disabled partner.
 */
export class PasswordMemory {
  readonly #forMs: number;
  readonly #now: () => number;
  readonly #secret = randomBytes(32);
  readonly #until = new Map<string, number>();

  constructor({ forMs, now = Date.now }: { readonly forMs: number; readonly now?: () => number }) {
    this.#forMs = forMs;
    this.#now = now;
  }

  has(name: string, password: string, stored: PasswordHash): boolean {
    return (this.#until.get(this.#idOf(name, password, stored)) ?? 0) > this.#now();
  }

  /** Call once the login is allowed. */
  add(name: string, password: string, stored: PasswordHash): void {
    const id = this.#idOf(name, password, stored);
    this.#until.delete(id);
    this.#until.set(id, this.#now() + this.#forMs);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MAX_REMEMBERED && oldest !== undefined) this.#until.delete(oldest);
  }

  #idOf(name: string, password: string, stored: PasswordHash): string {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([name, stored.hash, password]))
      .digest('base64');
  }
}
