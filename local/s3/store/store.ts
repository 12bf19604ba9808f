import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { BlobStore } from './blobs.ts';
import { Buckets } from './buckets.ts';
import { Contents } from './contents.ts';
import { openDatabase, transaction } from './database.ts';
import { Listing } from './listing.ts';
import { Sequence } from './sequence.ts';
import { Uploads } from './uploads.ts';
import { Versions } from './versions.ts';

/** Metadata and bodies under one directory, for one process at a time. */
export class Store implements AsyncDisposable {
  readonly blobs: BlobStore;
  readonly buckets: Buckets;
  readonly contents: Contents;
  readonly listing: Listing;
  readonly sequence: Sequence;
  readonly uploads: Uploads;
  readonly versions: Versions;
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync, blobs: BlobStore) {
    this.#database = database;
    this.blobs = blobs;
    this.buckets = new Buckets(database);
    this.contents = new Contents(database);
    this.listing = new Listing(database);
    this.sequence = new Sequence(database);
    this.uploads = new Uploads(database);
    this.versions = new Versions(database);
  }

  /** Opens or creates the directory, and removes what a crash has left behind. */
  static async open(root: string): Promise<Store> {
    mkdirSync(root, { recursive: true });
    const database = openDatabase(join(root, 'metadata.sqlite'));
    try {
      const store = new Store(database, await BlobStore.open(join(root, 'blobs')));
      await store.blobs.sweep(store.contents.knownBlobs());
      return store;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Applies a change atomically; nothing changes when `change` throws. Contents passed to `release` are removed if nothing
   * refers to them any more, and their blobs after the commit.
   */
  commit<T>(change: (release: (content: number) => void) => T): T {
    const garbage: string[] = [];
    const result = transaction(this.#database, () => {
      const released: number[] = [];
      const changed = change((content) => released.push(content));
      for (const content of new Set(released)) garbage.push(...this.contents.release(content));
      return changed;
    });
    this.blobs.remove(garbage);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    await this.blobs.close();
  }
}
