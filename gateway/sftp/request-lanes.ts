const MAX_BYTES = 512 * 1024;
const MAX_COUNT = 128;

/** Runs requests in order within a lane and concurrently across lanes, bounded in total. */
export class RequestLanes {
  readonly #signal: AbortSignal;
  /** The last task of each lane; empty lanes are removed. */
  readonly #lanes = new Map<string, Promise<void>>();
  #bytes = 0;
  #count = 0;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  get isFull(): boolean {
    return this.#bytes >= MAX_BYTES || this.#count >= MAX_COUNT;
  }

  /** Resolves when another request may start, or when the signal has been aborted. */
  async waitForRoom(): Promise<void> {
    while (this.isFull && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** @param task must not reject */
  run(lane: string, costBytes: number, task: () => Promise<void>): void {
    this.#bytes += costBytes;
    this.#count += 1;
    const ended = this.#runAfter(this.#lanes.get(lane), task).finally(() => {
      this.#bytes -= costBytes;
      this.#count -= 1;
      if (this.#lanes.get(lane) === ended) this.#lanes.delete(lane);
      this.#wake?.();
    });
    this.#lanes.set(lane, ended);
  }

  async #runAfter(before: Promise<void> | undefined, task: () => Promise<void>): Promise<void> {
    await before;
    await task();
  }

  /** Resolves when all tasks have ended. */
  async done(): Promise<void> {
    await Promise.all(this.#lanes.values());
  }
}
