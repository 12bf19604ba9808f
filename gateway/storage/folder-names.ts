import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ObjectStore } from './guarded-store.ts';

/** What others do meanwhile is seen after this; between a look and a write it could happen anyway. */
const FRESH_FOR_MS = 5_000;

/** Folders remembered at once. */
const MAX_REMEMBERED = 8;

/** Larger folders are not remembered: looking through 5,000 entries takes as long as a few files. */
const MAX_PAGES = 5;

type Known = {
  /** undefined = the folder has too many entries to be remembered. */
  readonly names: Set<string> | undefined;
  readonly until: number;
};

/**
 * Which names in a folder are folders, as S3 told not long ago. A batch of small files asks once instead
 * of once per file.
 */
export class FolderNames {
  readonly #s3: ObjectStore;
  readonly #now: () => number;
  readonly #known = new Map<string, Promise<Known>>();

  constructor(s3: ObjectStore, now: () => number = Date.now) {
    this.#s3 = s3;
    this.#now = now;
  }

  /** Whether keys begin with `key/`. @throws what S3 answers */
  async isFolder(bucket: string, key: string): Promise<boolean> {
    const parent = key.slice(0, key.lastIndexOf('/') + 1);
    const id = `${bucket}/${parent}`;
    let known = await this.#known.get(id);
    if (known === undefined || known.until < this.#now()) {
      const looking = this.#look(bucket, parent);
      this.#known.delete(id);
      this.#known.set(id, looking);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MAX_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
      known = await looking.catch((error: unknown) => {
        this.#known.delete(id);
        throw error;
      });
    }
    return known.names?.has(key.slice(parent.length)) ?? this.#lookFor(bucket, key);
  }

  /** Whatever is stored at a key makes folders of all names above it. */
  async stored(bucket: string, key: string): Promise<void> {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const folder = key.slice(0, end);
      const parent = folder.slice(0, folder.lastIndexOf('/') + 1);
      const known = await this.#known.get(`${bucket}/${parent}`)?.catch(() => undefined);
      known?.names?.add(folder.slice(parent.length));
    }
  }

  /** A folder that was removed may become a file. */
  forget(): void {
    this.#known.clear();
  }

  async #look(bucket: string, parent: string): Promise<Known> {
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
    return { names: undefined, until };
  }

  async #lookFor(bucket: string, key: string): Promise<boolean> {
    const { KeyCount = 0 } = await this.#s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `${key}/`, MaxKeys: 1 }),
    );
    return KeyCount > 0;
  }
}
