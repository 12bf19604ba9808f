import type { StoredPlace } from '../../storage/folders.ts';
import {
  type EventSession,
  type Happening,
  type TransferEvent,
  transferEvent,
} from './transfer-event.ts';

/** One line of the log: what happened, and its fields. */
export type Log = (line: string, fields: Record<string, unknown>) => void;

/** Hears of what AWS Transfer Family would publish. Must neither block nor throw. */
export type Publish = (event: TransferEvent) => void;

type Stored = Pick<StoredPlace, 'bucket' | 'key'>;

/** A file on its way in or out. */
export type Passage = Stored & {
  readonly direction: 'upload' | 'download';
  readonly path: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
};

/** How it ended: `whole`, or why not. Abandoned means that the partner left it. */
export type Ending = {
  readonly bytes: number;
  readonly result: 'whole' | 'partial' | 'abandoned' | 'failed';
  readonly etag?: string | undefined;
  readonly error?: unknown;
};

/**
 * Records what a partner does to files, for people (one JSON line each, docs/gateway.md lists them) and for
 * whoever listens to the events of AWS Transfer Family.
 */
export class Audit {
  readonly #session: EventSession;
  readonly #write: Log;
  readonly #publish: Publish;

  constructor(session: EventSession, write: Log, publish: Publish) {
    this.#session = session;
    this.#write = write;
    this.#publish = publish;
  }

  opened({ direction, path, bucket, key }: Passage, sizeBytes?: number): void {
    this.#write('file opened', { direction, path, bucket, key, sizeBytes });
  }

  closed(passage: Passage, { bytes, result, etag, error }: Ending): void {
    const { direction, path, bucket, key, startedAt } = passage;
    const durationMs = Date.now() - startedAt;
    this.#write('file closed', { direction, path, bucket, key, bytes, durationMs, result, error });
    const failure = result === 'whole' ? {} : { failure: WORDS[result] };
    const what = direction === 'upload' ? 'File Upload' : 'File Download';
    this.#tell({ what, path: pathOf(passage), bytes, etag, ...failure }, startedAt);
  }

  renamed(from: Stored, to: Stored, startedAt: number): void {
    this.#write('file renamed', { from: pathOf(from), to: pathOf(to) });
    this.#tell({ what: 'File Rename', path: pathOf(from), newPath: pathOf(to) }, startedAt);
  }

  deleted(file: Stored, startedAt: number): void {
    this.#write('file deleted', { bucket: file.bucket, key: file.key });
    this.#tell({ what: 'File Delete', path: pathOf(file) }, startedAt);
  }

  folderMade(folder: Stored, startedAt: number): void {
    this.#write('folder made', { bucket: folder.bucket, key: folder.key });
    this.#tell({ what: 'Directory Create', path: pathOf(folder) }, startedAt);
  }

  folderRemoved(folder: Stored, startedAt: number): void {
    this.#write('folder removed', { bucket: folder.bucket, key: folder.key });
    this.#tell({ what: 'Directory Delete', path: pathOf(folder) }, startedAt);
  }

  /** What a partner asked for and may not have. */
  refused(request: string, path: string | undefined): void {
    this.#write('access refused', { request, path });
  }

  #tell(happening: Happening, startedAt: number): void {
    this.#publish(transferEvent(this.#session, happening, startedAt, Date.now()));
  }
}

const WORDS = {
  partial: 'The file was transferred in part.',
  abandoned: 'The connection ended before the file was closed.',
  failed: 'The storage or the server refused the file.',
} as const;

function pathOf({ bucket, key }: Stored): string {
  return `/${bucket}/${key}`;
}
