/**
 * More files may be open: the least recently read one loses its stream and opens another when it is read.
 * A stream holds less than 400 KiB: bytes kept for repeated reads, and bytes being received.
 */
const MAX_STREAMS = 2;

type Owner = { readonly drop: () => void };

/** The open S3 streams of one connection's downloads, least recently used first. */
export class DownloadStreams {
  readonly #owners: Owner[] = [];

  /** Makes room for the owner's stream. */
  claim(owner: Owner): void {
    if (this.#owners.length >= MAX_STREAMS) this.#owners[0]?.drop();
    this.#owners.push(owner);
  }

  touch(owner: Owner): void {
    if (this.#owners.at(-1) === owner) return;
    this.release(owner);
    this.#owners.push(owner);
  }

  /** Idempotent. */
  release(owner: Owner): void {
    const at = this.#owners.indexOf(owner);
    if (at >= 0) this.#owners.splice(at, 1);
  }
}
