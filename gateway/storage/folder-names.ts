import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ObjectStore } from './guarded-store.ts';

/** Changes by others are seen after this time; a check before a write could miss them anyway. */
const FRESH_FOR_MS = 5_000;

/** Folders cached at once. */
const MAX_CACHED = 8;

/** Larger folders are not cached: listing 5,000 entries takes as long as uploading a few files. */
const MAX_PAGES = 5;

/** They are not listed again so soon: few become small. */
const LARGE_FOR_MS = 60_000;

type CachedNames = {
  /** undefined = the folder has too many entries to be cached. */
  readonly names: Set<string> | undefined;
  readonly until: number;
};

/**
 * Caches which names in a folder are folders, so that a batch of small files lists the folder once instead
 * of once per file.
 */
export class FolderNames {
  readonly #s3: ObjectStore;
  readonly #now: () => number;
  readonly #cache = new Map<string, Promise<CachedNames>>();

  constructor(s3: ObjectStore, now: () => number = Date.now) {
    this.#s3 = s3;
    this.#now = now;
  }

  /**
   * Whether any key begins with `key/`: known at once where its neighbours are cached, else a request that
   * has been sent.
   *
   * @throws the error of S3
   */
  async isFolder(
    bucket: string,
    key: string,
  ): Promise<{ readonly known: boolean } | { readonly asked: Promise<boolean> }> {
    const parent = key.slice(0, key.lastIndexOf('/') + 1);
    const id = `${bucket}/${parent}`;
    let cached = await this.#cache.get(id);
    if (cached === undefined || cached.until < this.#now()) {
      const listing = this.#listFolders(bucket, parent);
      this.#cache.delete(id);
      this.#cache.set(id, listing);
      const [oldest] = this.#cache.keys();
      if (this.#cache.size > MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest);
      cached = await listing.catch((error: unknown) => {
        this.#cache.delete(id);
        throw error;
      });
    }
    const { names } = cached;
    return names === undefined
      ? { asked: this.#hasKeysBelow(bucket, key) }
      : { known: names.has(key.slice(parent.length)) };
  }

  /** Records a stored object, which makes a folder of each name above it. */
  async addStored(bucket: string, key: string): Promise<void> {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const folder = key.slice(0, end);
      const parent = folder.slice(0, folder.lastIndexOf('/') + 1);
      const cached = await this.#cache.get(`${bucket}/${parent}`)?.catch(() => undefined);
      cached?.names?.add(folder.slice(parent.length));
    }
  }

  /** Call after a change to folders: the name of a removed one may become a file. */
  clear(): void {
    this.#cache.clear();
  }

  async #listFolders(bucket: string, parent: string): Promise<CachedNames> {
    const until = this.#now() + FRESH_FOR_MS;
    const names = new Set<string>();
    let continuation: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { CommonPrefixes = [], NextContinuationToken } = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: parent,
          Delimiter: '/',
          ...(continuation === undefined ? {} : { ContinuationToken: continuation }),
        }),
      );
      for (const { Prefix = '' } of CommonPrefixes) names.add(Prefix.slice(parent.length, -1));
      if (NextContinuationToken === undefined) return { names, until };
      continuation = NextContinuationToken;
    }
    return { names: undefined, until: this.#now() + LARGE_FOR_MS };
  }

  async #hasKeysBelow(bucket: string, key: string): Promise<boolean> {
    const { KeyCount = 0 } = await this.#s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `${key}/`, MaxKeys: 1 }),
    );
    return KeyCount > 0;
  }
}
