import { randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import * as v from 'valibot';
import type { ChecksumAlgorithm, ChecksumType } from '../checksums/checksums.ts';
import { CHECKSUM_ALGORITHMS } from '../checksums/checksums.ts';
import { S3Error } from '../protocol/errors.ts';
import type { Pairs } from '../protocol/pairs.ts';
import type { Row } from './row.ts';
import { integer, optionalText, pairs, text } from './row.ts';

/** A multipart upload that is neither completed nor aborted. */
export type Upload = {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAtMs: number;
  readonly headers: Pairs;
  readonly metadata: Pairs;
  readonly tags: Pairs;
  /** The client's choice at creation; without it S3 computes a CRC-64/NVME of the whole object. */
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType }
    | undefined;
};

export type Part = {
  readonly number: number;
  readonly content: number;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedAtMs: number;
  /** Base64 by algorithm. */
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>;
};

const Algorithm = v.picklist(CHECKSUM_ALGORITHMS);
const ChecksumsColumn = v.array(v.tuple([Algorithm, v.string()]));

/** Multipart uploads and their parts. Call methods that change something within a transaction. */
export class Uploads {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #list: StatementSync;
  readonly #part: StatementSync;
  readonly #parts: StatementSync;
  readonly #putPart: StatementSync;
  readonly #removeParts: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT * FROM uploads WHERE id = ?');
    this.#insert = database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM uploads WHERE id = ?');
    this.#list = database.prepare(
      'SELECT * FROM uploads WHERE bucket = ? AND key >= ? ORDER BY key, id',
    );
    this.#part = database.prepare('SELECT * FROM parts WHERE upload = ? AND number = ?');
    this.#parts = database.prepare(
      'SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?',
    );
    this.#putPart = database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#removeParts = database.prepare('DELETE FROM parts WHERE upload = ?');
  }

  /** @throws S3Error NoSuchUpload, also when the upload belongs to another bucket or key */
  get(bucket: string, key: string, id: string): Upload {
    const row = this.#find.get(id);
    const upload = row === undefined ? undefined : toUpload(row);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw new S3Error(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      { details: { UploadId: id } },
    );
  }

  add(upload: Omit<Upload, 'id' | 'initiatedAtMs'>): Upload {
    const added = {
      ...upload,
      id: randomBytes(48).toString('base64url'),
      initiatedAtMs: Date.now(),
    };
    this.#insert.run(
      added.id,
      added.bucket,
      added.key,
      added.initiatedAtMs,
      JSON.stringify(added.headers),
      JSON.stringify(added.metadata),
      JSON.stringify(added.tags),
      added.checksum?.algorithm ?? null,
      added.checksum?.type ?? null,
    );
    return added;
  }

  /** Removes an upload; returns the contents of its parts. */
  remove(upload: Upload): readonly number[] {
    const contents = this.parts(upload).map(({ content }) => content);
    this.#removeParts.run(upload.id);
    this.#remove.run(upload.id);
    return contents;
  }

  /** All uploads from `fromKey` on, ordered by key and id. */
  *from(bucket: string, fromKey: string): Generator<Upload, void, undefined> {
    for (const row of this.#list.iterate(bucket, fromKey)) yield toUpload(row);
  }

  part(upload: Upload, number: number): Part | undefined {
    const row = this.#part.get(upload.id, number);
    return row === undefined ? undefined : toPart(row);
  }

  parts(upload: Upload, afterNumber = 0, limit = -1): readonly Part[] {
    return this.#parts.all(upload.id, afterNumber, limit).map(toPart);
  }

  putPart(upload: Upload, part: Omit<Part, 'modifiedAtMs'>): Part {
    const modifiedAtMs = Math.floor(Date.now() / 1000) * 1000;
    this.#putPart.run(
      upload.id,
      part.number,
      part.content,
      part.sizeBytes,
      part.etag,
      modifiedAtMs,
      JSON.stringify([...part.checksums]),
    );
    return { ...part, modifiedAtMs };
  }
}

function toUpload(row: Row): Upload {
  const algorithm = optionalText(row, 'algorithm');
  return {
    id: text(row, 'id'),
    bucket: text(row, 'bucket'),
    key: text(row, 'key'),
    initiatedAtMs: integer(row, 'initiated_at'),
    headers: pairs(row, 'headers'),
    metadata: pairs(row, 'metadata'),
    tags: pairs(row, 'tags'),
    checksum:
      algorithm === undefined
        ? undefined
        : {
            algorithm: v.parse(Algorithm, algorithm),
            type: text(row, 'checksum_type') === 'COMPOSITE' ? 'COMPOSITE' : 'FULL_OBJECT',
          },
  };
}

function toPart(row: Row): Part {
  return {
    number: integer(row, 'number'),
    content: integer(row, 'content'),
    sizeBytes: integer(row, 'size'),
    etag: text(row, 'etag'),
    modifiedAtMs: integer(row, 'modified_at'),
    checksums: new Map(v.parse(ChecksumsColumn, JSON.parse(text(row, 'checksums')))),
  };
}
