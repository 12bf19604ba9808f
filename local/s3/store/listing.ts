import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ListedVersion } from './versions.ts';
import { toListedVersion } from './versions.ts';

/** Versions in S3's list order: UTF-8 binary order of the key, newest version first. */
export class Listing {
  readonly #live: StatementSync;
  readonly #versions: StatementSync;

  constructor(database: DatabaseSync) {
    this.#live = database.prepare(
      `SELECT * FROM versions WHERE bucket = ? AND key >= ? AND is_latest = 1 AND is_marker = 0
       ORDER BY key`,
    );
    this.#versions = database.prepare(
      'SELECT * FROM versions WHERE bucket = ? AND key >= ? ORDER BY key, seq DESC',
    );
  }

  /** The latest version of each key that is not deleted, from `fromKey` on. Read lazily. */
  *live(bucket: string, fromKey: string): Generator<ListedVersion, void, undefined> {
    for (const row of this.#live.iterate(bucket, fromKey)) yield toListedVersion(row);
  }

  /** Every version and delete marker, from the newest of `fromKey` on. Read lazily. */
  *versions(bucket: string, fromKey: string): Generator<ListedVersion, void, undefined> {
    for (const row of this.#versions.iterate(bucket, fromKey)) yield toListedVersion(row);
  }
}
