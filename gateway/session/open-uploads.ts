import { failure } from '../protocol/status.ts';

/** The uploads that a connection has begun and not ended: what a server that stops waits for. */
export class InHand {
  readonly #uploads = new Set<object>();
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  /** @throws SftpFailure when no more files may be opened */
  assertOpen(): void {
    if (this.#isDraining) throw failure('the server is stopping; try again later');
  }

  add(upload: object): void {
    this.#uploads.add(upload);
  }

  /** It may be repeated. */
  delete(upload: object): void {
    this.#uploads.delete(upload);
    if (this.#uploads.size === 0) this.#onEmpty?.();
  }

  /** Opens nothing more; resolves when nothing is in hand. */
  async drained(): Promise<void> {
    this.#isDraining = true;
    if (this.#uploads.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    await promise;
  }
}
