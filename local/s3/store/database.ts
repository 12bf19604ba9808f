import { DatabaseSync } from 'node:sqlite';

/**
 * All metadata. Bodies are stored in blobs (files); a content is an ordered list of extents of blobs; versions and parts
 * each refer to one content. So a copy or a completed multipart upload copies no bytes, and a blob can be removed when no
 * extent refers to it any more.
 *
 * `seq` comes from a single counter that never decreases; it orders the versions of a key, newest last.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS counter (value INTEGER NOT NULL) STRICT;
  INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);

  CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    versioning TEXT NOT NULL CHECK (versioning IN ('Never', 'Enabled', 'Suspended')),
    event_bridge INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS extents (
    content INTEGER NOT NULL,
    position INTEGER NOT NULL,
    blob TEXT NOT NULL,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (content, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS extents_by_blob ON extents (blob);

  CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL REFERENCES buckets (name),
    key TEXT NOT NULL,
    version_id TEXT NOT NULL,
    is_latest INTEGER NOT NULL,
    is_marker INTEGER NOT NULL,
    content INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    checksum TEXT
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS versions_newest_first ON versions (bucket, key, seq DESC);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version_id);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_latest ON versions (bucket, key) WHERE is_latest = 1;
  CREATE UNIQUE INDEX IF NOT EXISTS versions_live ON versions (bucket, key)
    WHERE is_latest = 1 AND is_marker = 0;
  CREATE INDEX IF NOT EXISTS versions_by_content ON versions (content);

  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL REFERENCES buckets (name),
    key TEXT NOT NULL,
    initiated_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    algorithm TEXT,
    checksum_type TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, id);

  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL REFERENCES uploads (id),
    number INTEGER NOT NULL,
    content INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    checksums TEXT NOT NULL,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS parts_by_content ON parts (content);
`;

/**
 * Opens the database exclusively: a second stand-in on the same directory would remove the first one's new blobs.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // With an exclusive lock WAL needs no shared memory; FULL syncs the log at each commit.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
    `);
    transaction(database, () => database.exec(SCHEMA));
  } catch (error) {
    database.close();
    throw new Error(`cannot open ${path}: is another S3 stand-in running on this directory?`, {
      cause: error,
    });
  }
  return database;
}

/** Applies `change` atomically; durable on return. */
export function transaction<T>(database: DatabaseSync, change: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // On a full disk SQLite has rolled back already; ROLLBACK would fail and hide the reason.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
