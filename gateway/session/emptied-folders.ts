import type { Address } from '../storage/objects.ts';

/** The oldest is forgotten beyond this. */
const MAX_FOLDERS = 1_000;

/**
 * The folders that a session has emptied. In S3 a folder without a marker vanishes with its last file; to
 * the session it is there, empty, until it is removed, as `rm -r` expects.
 */
export class EmptiedFolders {
  readonly #folders = new Map<string, Address>();

  has({ bucket, key }: Address): boolean {
    return this.#folders.has(`${bucket}/${key}`);
  }

  delete({ bucket, key }: Address): void {
    this.#folders.delete(`${bucket}/${key}`);
  }

  /** A folder was renamed. */
  move(from: Address, to: Address): void {
    for (const folder of this.below(from)) {
      this.delete(folder);
      this.add({ bucket: to.bucket, key: to.key + folder.key.slice(from.key.length) });
    }
    this.delete(from);
  }

  below({ bucket, key }: Address): readonly Address[] {
    return [...this.#folders.values()].filter(
      (each) => each.bucket === bucket && (key === '' || each.key.startsWith(`${key}/`)),
    );
  }

  add(folder: Address): void {
    const id = `${folder.bucket}/${folder.key}`;
    this.#folders.delete(id);
    this.#folders.set(id, folder);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > MAX_FOLDERS && oldest !== undefined) this.#folders.delete(oldest);
  }
}
