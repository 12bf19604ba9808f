const FIRST_ALLOCATION_BYTES = 64 * 1024;

/** Collects the bytes of one part. Starts small, so that a thousand small files cost no large buffers. */
export class PartBuffer {
  readonly #capacityBytes: number;
  #memory: Buffer;
  #filled = 0;

  /** @param memory to use instead of a new allocation, when it is large enough */
  constructor(capacityBytes: number, memory?: Buffer) {
    this.#capacityBytes = capacityBytes;
    this.#memory =
      memory !== undefined && memory.length >= capacityBytes
        ? memory
        : Buffer.allocUnsafeSlow(Math.min(FIRST_ALLOCATION_BYTES, capacityBytes));
  }

  get isFull(): boolean {
    return this.#filled === this.#capacityBytes;
  }

  /** Copies what fits and returns the rest. */
  fill(bytes: Buffer): Buffer {
    const wanted = Math.min(bytes.length, this.#capacityBytes - this.#filled);
    if (this.#filled + wanted > this.#memory.length) this.#grow(this.#filled + wanted);
    bytes.copy(this.#memory, this.#filled, 0, wanted);
    this.#filled += wanted;
    return bytes.subarray(wanted);
  }

  /** What was filled so far: a view, valid until the memory is given to another part. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#filled);
  }

  get memory(): Buffer {
    return this.#memory;
  }

  #grow(neededBytes: number): void {
    const sizeBytes = Math.min(this.#capacityBytes, Math.max(neededBytes, this.#memory.length * 4));
    const larger = Buffer.allocUnsafeSlow(sizeBytes);
    this.#memory.copy(larger, 0, 0, this.#filled);
    this.#memory = larger;
  }
}
