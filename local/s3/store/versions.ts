import { randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import * as v from 'valibot';
import type { Checksum } from '../checksums/checksums.ts';
import { CHECKSUM_ALGORITHMS } from '../checksums/checksums.ts';
import type { Pairs } from '../protocol/pairs.ts';
import type { Bucket } from './buckets.ts';
import type { Row } from './row.ts';
import { integer, optionalText, pairs, text } from './row.ts';

/** The id of versions written while the bucket is not versioned; at most one per key. */
export const NULL_VERSION = 'null';

/** One version of an object, or a delete marker. */
export type Version = {
  readonly seq: number;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  /** Its list of extents; 0 for a delete marker. */
  readonly content: number;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** A multiple of 1000: HTTP dates have whole seconds. */
  readonly modifiedAtMs: number;
  readonly headers: Pairs;
  readonly metadata: Pairs;
  readonly tags: Pairs;
  readonly checksum: Checksum | undefined;
};

export type NewVersion = Pick<
  Version,
  'content' | 'sizeBytes' | 'etag' | 'headers' | 'metadata' | 'tags' | 'checksum' | 'isMarker'
>;

const ChecksumColumn = v.object({
  algorithm: v.picklist(CHECKSUM_ALGORITHMS),
  type: v.picklist(['FULL_OBJECT', 'COMPOSITE']),
  value: v.string(),
});

/** The versions of every key. Call methods that change something within a transaction. */
export class Versions {
  readonly #latest: StatementSync;
  readonly #byId: StatementSync;
  readonly #insert: StatementSync;
  readonly #demote: StatementSync;
  readonly #promote: StatementSync;
  readonly #remove: StatementSync;
  readonly #tag: StatementSync;

  constructor(database: DatabaseSync) {
    this.#latest = database.prepare(
      'SELECT * FROM versions WHERE bucket = ? AND key = ? AND is_latest = 1',
    );
    this.#byId = database.prepare(
      'SELECT * FROM versions WHERE bucket = ? AND key = ? AND version_id = ?',
    );
    this.#insert = database.prepare(
      'INSERT INTO versions VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#demote = database.prepare(
      'UPDATE versions SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1',
    );
    this.#promote = database.prepare(
      `UPDATE versions SET is_latest = 1 WHERE seq =
         (SELECT seq FROM versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1)`,
    );
    this.#remove = database.prepare('DELETE FROM versions WHERE seq = ?');
    this.#tag = database.prepare('UPDATE versions SET tags = ? WHERE seq = ?');
  }

  /** The newest version of a key, which may be a delete marker. */
  latest(bucket: string, key: string): Version | undefined {
    const row = this.#latest.get(bucket, key);
    return row === undefined ? undefined : toVersion(row);
  }

  byId(bucket: string, key: string, versionId: string): Version | undefined {
    const row = this.#byId.get(bucket, key, versionId);
    return row === undefined ? undefined : toVersion(row);
  }

  /**
   * Adds the newest version of a key, with an id according to the bucket's versioning. Without versioning the caller
   * removes the null version first.
   */
  add(bucket: Bucket, key: string, seq: number, version: NewVersion): Version {
    const versionId = bucket.versioning === 'Enabled' ? newVersionId() : NULL_VERSION;
    const modifiedAtMs = Math.floor(Date.now() / 1000) * 1000;
    this.#demote.run(bucket.name, key);
    this.#insert.run(
      seq,
      bucket.name,
      key,
      versionId,
      version.isMarker ? 1 : 0,
      version.content,
      version.sizeBytes,
      version.etag,
      modifiedAtMs,
      JSON.stringify(version.headers),
      JSON.stringify(version.metadata),
      JSON.stringify(version.tags),
      version.checksum === undefined ? null : JSON.stringify(version.checksum),
    );
    return {
      ...version,
      bucket: bucket.name,
      key,
      seq,
      versionId,
      modifiedAtMs,
      isLatest: true,
    };
  }

  /** If it is the latest, the next older version becomes the latest. */
  remove(version: Version): void {
    this.#remove.run(version.seq);
    if (version.isLatest) this.#promote.run(version.bucket, version.key);
  }

  setTags(version: Version, tags: Pairs): void {
    this.#tag.run(JSON.stringify(tags), version.seq);
  }
}

/** 32 characters, as on AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html */
function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}

/** The properties of a version in lists. */
export type ListedVersion = Omit<Version, 'bucket' | 'content' | 'headers' | 'metadata' | 'tags'>;

export function toListedVersion(row: Row): ListedVersion {
  const checksum = optionalText(row, 'checksum');
  return {
    seq: integer(row, 'seq'),
    key: text(row, 'key'),
    versionId: text(row, 'version_id'),
    isLatest: integer(row, 'is_latest') === 1,
    isMarker: integer(row, 'is_marker') === 1,
    sizeBytes: integer(row, 'size'),
    etag: text(row, 'etag'),
    modifiedAtMs: integer(row, 'modified_at'),
    checksum: checksum === undefined ? undefined : v.parse(ChecksumColumn, JSON.parse(checksum)),
  };
}

function toVersion(row: Row): Version {
  return {
    ...toListedVersion(row),
    bucket: text(row, 'bucket'),
    content: integer(row, 'content'),
    headers: pairs(row, 'headers'),
    metadata: pairs(row, 'metadata'),
    tags: pairs(row, 'tags'),
  };
}
