import type { IncomingMessage } from 'node:http';
import type { S3Event, S3EventDetail, S3EventType } from './events.ts';
import { buildEvent } from './events.ts';
import type { Operation } from './protocol/router.ts';
import type { BlobReader } from './store/blob-reader.ts';
import type { Bucket } from './store/buckets.ts';
import type { Store } from './store/store.ts';

/** A parsed request, its body unread. */
export type S3Request = {
  readonly operation: Operation;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** Names in lower case. Presigned `x-amz-*` parameters count as headers. */
  readonly headers: ReadonlyMap<string, string>;
  readonly stream: IncomingMessage;
  readonly requestId: string;
  readonly sourceIp: string;
};

export type S3Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** At most one of the two. The server disposes the body. */
  readonly xml?: string;
  readonly body?: BlobReader;
};

export type Handler = (s3: S3Service, request: S3Request) => Promise<S3Reply> | S3Reply;

type Settings = {
  readonly store: Store;
  readonly accountId: string;
  readonly region: string;
  readonly emit: (event: S3Event) => Promise<void> | void;
  readonly onError: (error: unknown) => void;
};

/** What the operations act on: the store, and the receiver of its events. */
export class S3Service {
  readonly store: Store;
  readonly accountId: string;
  readonly region: string;
  readonly #emit: Settings['emit'];
  readonly #onError: Settings['onError'];
  readonly #emitting = new Set<Promise<void>>();

  constructor(settings: Settings) {
    this.store = settings.store;
    this.accountId = settings.accountId;
    this.region = settings.region;
    this.#emit = settings.emit;
    this.#onError = settings.onError;
  }

  /** Emits an event for a committed change, if the bucket has events enabled. Never throws. */
  publish(
    bucket: Bucket,
    request: S3Request,
    type: S3EventType,
    detail: Pick<S3EventDetail, 'object' | 'reason' | 'deletion-type'>,
  ): void {
    if (!bucket.eventBridge) return;
    const event = buildEvent(type, this, {
      version: '0',
      bucket: { name: bucket.name },
      'request-id': request.requestId,
      requester: this.accountId,
      'source-ip-address': request.sourceIp,
      ...detail,
    });
    const emitting = this.#deliver(event).finally(() => this.#emitting.delete(emitting));
    this.#emitting.add(emitting);
  }

  /** Resolves when all events published so far have been handled. */
  async drain(): Promise<void> {
    await Promise.all(this.#emitting);
  }

  async #deliver(event: S3Event): Promise<void> {
    try {
      await this.#emit(event);
    } catch (error) {
      this.#onError(error);
    }
  }
}
