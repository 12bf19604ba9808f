import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { S3Error } from '../protocol/errors.ts';
import type { Row } from './row.ts';
import { integer, text } from './row.ts';

/** A bucket that was ever versioned can be suspended, but never be `Never` again. */
type Versioning = 'Never' | 'Enabled' | 'Suspended';

export type Bucket = {
  readonly name: string;
  readonly createdAtMs: number;
  readonly versioning: Versioning;
  readonly eventBridge: boolean;
};

export class Buckets {
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #isUsed: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT * FROM buckets WHERE name = ?');
    this.#list = database.prepare('SELECT * FROM buckets ORDER BY name');
    this.#insert = database.prepare(`INSERT INTO buckets VALUES (?, ?, 'Never', 0)`);
    this.#update = database.prepare(
      'UPDATE buckets SET versioning = ?, event_bridge = ? WHERE name = ?',
    );
    this.#isUsed = database.prepare(
      `SELECT 1 FROM versions WHERE bucket = ?1 UNION ALL SELECT 1 FROM uploads WHERE bucket = ?1 LIMIT 1`,
    );
    this.#remove = database.prepare('DELETE FROM buckets WHERE name = ?');
  }

  find(name: string): Bucket | undefined {
    const row = this.#find.get(name);
    return row === undefined ? undefined : toBucket(row);
  }

  /** @throws S3Error NoSuchBucket */
  get(name: string): Bucket {
    const bucket = this.find(name);
    if (bucket !== undefined) return bucket;
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', {
      details: { BucketName: name },
    });
  }

  list(): readonly Bucket[] {
    return this.#list.all().map(toBucket);
  }

  add(name: string): void {
    this.#insert.run(name, Date.now());
  }

  set(name: string, settings: Pick<Bucket, 'versioning' | 'eventBridge'>): void {
    this.#update.run(settings.versioning, settings.eventBridge ? 1 : 0, name);
  }

  /** @throws S3Error BucketNotEmpty while it has any version, delete marker or unfinished upload */
  remove(name: string): void {
    if (this.#isUsed.get(name) !== undefined) {
      throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty');
    }
    this.#remove.run(name);
  }
}

function toBucket(row: Row): Bucket {
  return {
    name: text(row, 'name'),
    createdAtMs: integer(row, 'created_at'),
    versioning: toVersioning(text(row, 'versioning')),
    eventBridge: integer(row, 'event_bridge') === 1,
  };
}

function toVersioning(value: string): Versioning {
  return value === 'Enabled' || value === 'Suspended' ? value : 'Never';
}
