import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer, text } from './row.ts';

/** A range of a blob. */
export type Extent = { readonly blob: string; readonly start: number; readonly length: number };

/** The extents of each body, in order. An empty body has none. */
export class Contents {
  readonly #read: StatementSync;
  readonly #insert: StatementSync;
  readonly #isUsed: StatementSync;
  readonly #blobs: StatementSync;
  readonly #remove: StatementSync;
  readonly #isNamed: StatementSync;
  readonly #known: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare(
      'SELECT blob, start, length FROM extents WHERE content = ? ORDER BY position',
    );
    this.#insert = database.prepare('INSERT INTO extents VALUES (?, ?, ?, ?, ?)');
    this.#isUsed = database.prepare(
      `SELECT 1 FROM versions WHERE content = ?1 UNION ALL SELECT 1 FROM parts WHERE content = ?1 LIMIT 1`,
    );
    this.#blobs = database.prepare('SELECT DISTINCT blob FROM extents WHERE content = ?');
    this.#remove = database.prepare('DELETE FROM extents WHERE content = ?');
    this.#isNamed = database.prepare('SELECT 1 FROM extents WHERE blob = ? LIMIT 1');
    this.#known = database.prepare('SELECT DISTINCT blob FROM extents');
  }

  read(content: number): readonly Extent[] {
    return this.#read.all(content).map((row) => ({
      blob: text(row, 'blob'),
      start: integer(row, 'start'),
      length: integer(row, 'length'),
    }));
  }

  add(content: number, extents: readonly Extent[]): void {
    for (const [position, { blob, start, length }] of extents.entries()) {
      this.#insert.run(content, position, blob, start, length);
    }
  }

  /** Removes a content that nothing refers to any more; returns the blobs that become garbage. */
  release(content: number): readonly string[] {
    if (this.#isUsed.get(content) !== undefined) return [];
    const blobs = this.#blobs.all(content).map((row) => text(row, 'blob'));
    this.#remove.run(content);
    return blobs.filter((blob) => this.#isNamed.get(blob) === undefined);
  }

  knownBlobs(): ReadonlySet<string> {
    return new Set(this.#known.all().map((row) => text(row, 'blob')));
  }
}

/** The extents of the bytes from `start` to `end` of a body. */
export function sliceExtents(
  extents: readonly Extent[],
  start: number,
  end: number,
): readonly Extent[] {
  const slices: Extent[] = [];
  let offset = 0;
  for (const extent of extents) {
    const from = Math.max(start, offset);
    const to = Math.min(end, offset + extent.length);
    if (from < to) {
      slices.push({
        blob: extent.blob,
        start: extent.start + (from - offset),
        length: to - from,
      });
    }
    offset += extent.length;
  }
  return slices;
}
