/** Full parts beyond the one of each connection: 80 MiB for the whole process. */
const RESERVED_PARTS = 16;

/**
 * Memory for connections on which several large files are written in turns: each file then fills a part of
 * its own, and none of them can be sent before its client has filled it.
 */
export class PartReserve {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(partCount = RESERVED_PARTS) {
    this.#free = partCount;
  }

  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  giveBack(): void {
    this.#free += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Has `wake` called whenever a part is given back. Idempotent. */
  watch(wake: () => void): void {
    this.#waiting.add(wake);
  }

  /** Idempotent. */
  unwatch(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

/** The one that all connections of this process share. */
export const PROCESS_RESERVE = new PartReserve();
