import { failure } from '../protocol/status.ts';

/** The unfinished uploads of a connection, for which a stopping server waits. */
export class OpenUploads {
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

  /** Idempotent. */
  delete(upload: object): void {
    this.#uploads.delete(upload);
    if (this.#uploads.size === 0) this.#onEmpty?.();
  }

  /** Refuses new files; resolves when no upload is open. */
  async drained(): Promise<void> {
    this.#isDraining = true;
    if (this.#uploads.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    await promise;
  }
}
