import type { StoredPlace } from '../../storage/folders.ts';
import {
  type EventSession,
  type FileOperation,
  type TransferEvent,
  transferEvent,
} from './transfer-event.ts';

/** Writes one line of the log: the event and its fields. */
export type Log = (line: string, fields: Record<string, unknown>) => void;

/** Receives the events that AWS Transfer Family would publish. Must neither block nor throw. */
export type Publish = (event: TransferEvent) => void;

type Stored = Pick<StoredPlace, 'bucket' | 'key'>;

/** An upload or download. */
export type Transfer = Stored & {
  readonly direction: 'upload' | 'download';
  readonly path: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
};

/** How a transfer ended. `abandoned`: the client did not close the file. `removed`: it removed it before. */
export type TransferOutcome = {
  readonly bytes: number;
  readonly result: 'whole' | 'partial' | 'abandoned' | 'removed' | 'failed';
  readonly etag?: string | undefined;
  readonly error?: unknown;
};

/**
 * Records each operation of a partner as a log line (docs/gateway.md lists them) and as the event that AWS
 * Transfer Family would publish.
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

  opened({ direction, path, bucket, key }: Transfer, sizeBytes?: number): void {
    this.#write('file opened', { direction, path, bucket, key, sizeBytes });
  }

  closed(transfer: Transfer, { bytes, result, etag, error }: TransferOutcome): void {
    const { direction, path, bucket, key, startedAt } = transfer;
    const durationMs = Date.now() - startedAt;
    this.#write('file closed', { direction, path, bucket, key, bytes, durationMs, result, error });
    const failure = result === 'whole' ? {} : { failure: FAILURES[result] };
    const name = direction === 'upload' ? 'File Upload' : 'File Download';
    this.#emit({ name, path: pathOf(transfer), bytes, etag, ...failure }, startedAt);
  }

  renamed(from: Stored, to: Stored, startedAt: number): void {
    this.#write('file renamed', { from: pathOf(from), to: pathOf(to) });
    this.#emit({ name: 'File Rename', path: pathOf(from), newPath: pathOf(to) }, startedAt);
  }

  deleted(file: Stored, startedAt: number): void {
    this.#write('file deleted', { bucket: file.bucket, key: file.key });
    this.#emit({ name: 'File Delete', path: pathOf(file) }, startedAt);
  }

  folderMade(folder: Stored, startedAt: number): void {
    this.#write('folder made', { bucket: folder.bucket, key: folder.key });
    this.#emit({ name: 'Directory Create', path: pathOf(folder) }, startedAt);
  }

  folderRemoved(folder: Stored, startedAt: number): void {
    this.#write('folder removed', { bucket: folder.bucket, key: folder.key });
    this.#emit({ name: 'Directory Delete', path: pathOf(folder) }, startedAt);
  }

  /** A request that the partner is not permitted to make. */
  refused(request: string, path: string | undefined): void {
    this.#write('access refused', { request, path });
  }

  #emit(operation: FileOperation, startedAt: number): void {
    this.#publish(transferEvent(this.#session, operation, startedAt, Date.now()));
  }
}

const FAILURES = {
  partial: 'The file was transferred in part.',
  abandoned: 'The connection ended before the file was closed.',
  removed: 'The file was removed before it was closed.',
  failed: 'The storage or the server refused the file.',
} as const;

function pathOf({ bucket, key }: Stored): string {
  return `/${bucket}/${key}`;
}
