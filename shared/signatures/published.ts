import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1));
/** Used as a file name and in keys, so without separators. */
const plainName = v.pipe(v.string(), v.regex(/^[\w][\w.-]*$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[\da-f]{64}$/));

/** One file of a signature database. */
export const DatabaseFile = v.object({
  name: plainName,
  sizeBytes: count,
  sha256,
  /** ISO 8601; freshclam asks mirrors for changes since then. */
  modifiedAt: text,
  /** From the header of ClamAV's own files (`daily.cvd` ...); plain lists have none. */
  header: v.nullable(
    v.object({
      number: count,
      /** ISO 8601. */
      builtAt: text,
    }),
  ),
});
export type DatabaseFile = v.InferOutput<typeof DatabaseFile>;

/** The content of one published version: `versions/<version>/manifest.json`. */
export const Manifest = v.object({
  version: plainName,
  /** ISO 8601. */
  publishedAt: text,
  /** clamd's version with this database loaded. */
  engine: text,
  /** Of the daily signatures, ISO 8601; `null` where there are none. */
  builtAt: v.nullable(text),
  files: v.array(DatabaseFile),
});
export type Manifest = v.InferOutput<typeof Manifest>;

/** The version in force: `current.json`. Switched only from a known former version. */
export const Pointer = v.object({
  version: plainName,
  /** Of the version's manifest, byte by byte. */
  manifestSha256: sha256,
  /** ISO 8601. */
  switchedAt: text,
  /** Set by a rollback: nothing newer is published until a person releases it. */
  isPinned: v.boolean(),
});
export type Pointer = v.InferOutput<typeof Pointer>;

/** The version in force, with the ETag that a switch must match. */
export type Published = {
  readonly pointer: Pointer;
  readonly etag: string;
  readonly manifest: Manifest;
};

/** Prefix of files uploaded below `custom/`; all others are freshclam's. */
export const CUSTOM = 'custom-';

export function isCustom({ name }: Pick<DatabaseFile, 'name'>): boolean {
  return name.startsWith(CUSTOM);
}
