/** Counts the connections of each partner. */
export class SessionCounts {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts one more connection. @returns false when the partner has its maximum already */
  enter(username: string): boolean {
    const count = this.#counts.get(username) ?? 0;
    if (count >= this.#max) return false;
    this.#counts.set(username, count + 1);
    return true;
  }

  leave(username: string): void {
    const count = (this.#counts.get(username) ?? 1) - 1;
    if (count > 0) this.#counts.set(username, count);
    else this.#counts.delete(username);
  }
}
