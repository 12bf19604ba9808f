/**
 * More files may be open; the one that was read longest ago gives up its stream, and begins anew when
 * read. A stream holds less than 400 KiB: what was read and may be asked for again, and what is on its way.
 */
const MAX_STREAMS = 2;

type Owner = { readonly drop: () => void };

/** The streams from S3 that the downloads of one connection have open, least recently used first. */
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

  /** It may be repeated. */
  release(owner: Owner): void {
    const at = this.#owners.indexOf(owner);
    if (at >= 0) this.#owners.splice(at, 1);
  }
}
