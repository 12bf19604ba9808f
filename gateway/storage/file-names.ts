import type { ObjectStore } from './guarded-store.ts';
import { findObject, type Address } from './objects.ts';

/** Changes by others are seen after this time; a check before a write could miss them anyway. */
const FRESH_FOR_MS = 5_000;

/** Names cached at once. */
const MAX_CACHED = 64;

type CachedName = { readonly isFile: Promise<boolean>; readonly until: number };

/**
 * Caches of the folders above uploads that they are not files, so that a batch of small files asks once
 * instead of once per file.
 */
export class FileNames {
  readonly #s3: ObjectStore;
  readonly #now: () => number;
  readonly #cache = new Map<string, CachedName>();

  constructor(s3: ObjectStore, now: () => number = Date.now) {
    this.#s3 = s3;
    this.#now = now;
  }

  /** Whether there is an object with the key. @throws the error of S3 */
  isFile({ bucket, key }: Address): Promise<boolean> {
    const id = `${bucket}/${key}`;
    const cached = this.#cache.get(id);
    if (cached !== undefined && cached.until > this.#now()) return cached.isFile;
    const isFile = findObject(this.#s3, { bucket, key }).then(
      (file) => file !== undefined,
      (error: unknown) => {
        this.#cache.delete(id);
        throw error;
      },
    );
    this.#cache.delete(id);
    this.#cache.set(id, { isFile, until: this.#now() + FRESH_FOR_MS });
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest);
    return isFile;
  }

  /** Records a stored object. */
  addStored({ bucket, key }: Address): void {
    this.#cache.delete(`${bucket}/${key}`);
  }

  /** Call after a removal or a rename. */
  clear(): void {
    this.#cache.clear();
  }
}
