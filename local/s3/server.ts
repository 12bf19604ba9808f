import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Event } from './events.ts';
import { handleRequest } from './handle-request.ts';
import { S3Service } from './service.ts';
import { Store } from './store/store.ts';

export type { S3Event } from './events.ts';

export type S3StandInOptions = {
  /** Directory that holds everything; created when missing. */
  readonly root: string;
  /** For example `eu-central-1`. */
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Default 0: any free one. Listens on 127.0.0.1 only. */
  readonly port?: number;
  /** Called after a change is durable. An error goes to `onError` and never fails the request. */
  readonly emit: (event: S3Event) => Promise<void> | void;
  /** Told of events that were not taken and of internal errors; default: console.error. */
  readonly onError?: (error: unknown) => void;
};

export interface S3StandIn extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; clients must use path-style addressing, as they do for an IP address. */
  readonly endpoint: string;
  /** Idempotent. Buckets persist; settings are updated from what the caller says. */
  ensureBucket(name: string, settings: { versioned: boolean; eventBridge: boolean }): void;
}

/** How long open requests get to finish once the stand-in is told to stop. */
const STOP_GRACE_MS = 500;

/**
 * A small S3 that is exact on the wire for what Airlock, AWS SDK v3 and the aws CLI send: `router.ts` has the list.
 *
 * Objects and metadata are durable before they are acknowledged and survive SIGKILL. Signatures are not verified and
 * nobody is denied anything: it is for one developer's machine. What a request promises about its body (lengths, MD5,
 * SHA-256, checksums and their trailers) is verified. What is not implemented is refused with 501.
 *
 * Known differences from AWS: access control lists and storage classes are taken without effect; a version id is checked
 * for its form only; metadata outside ASCII comes back byte for byte rather than in RFC 2047's encoding; a second
 * CompleteMultipartUpload of the same upload finds none; events come once and in order, which AWS does not promise.
 *
 * @throws when the directory is in use by another stand-in or the port is taken
 */
export async function startS3(options: S3StandInOptions): Promise<S3StandIn> {
  const store = await Store.open(options.root);
  const onError = options.onError ?? ((error) => console.error('s3 stand-in:', error));
  const service = new S3Service({
    store,
    accountId: options.accountId,
    region: options.region,
    emit: options.emit,
    onError,
  });
  const handling = new Set<Promise<void>>();
  // A large upload may take its time; there is no limit on a whole request.
  const server = createServer({ requestTimeout: 0, noDelay: true }, (request, response) => {
    const handled = handleRequest(service, request, response, onError).finally(() =>
      handling.delete(handled),
    );
    handling.add(handled);
  });

  try {
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const abort = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
    await closed;
    clearTimeout(abort);
    await Promise.all(handling);
    await within(STOP_GRACE_MS, service.drain());
    await store[Symbol.asyncDispose]();
  };

  return {
    endpoint: `http://127.0.0.1:${portOf(server.address())}`,
    ensureBucket(name, settings) {
      store.commit(() => {
        const bucket = store.buckets.find(name);
        if (bucket === undefined) store.buckets.add(name);
        const unversioned = (bucket?.versioning ?? 'Never') === 'Never' ? 'Never' : 'Suspended';
        store.buckets.set(name, {
          versioning: settings.versioned ? 'Enabled' : unversioned,
          eventBridge: settings.eventBridge,
        });
      });
    },
    [Symbol.asyncDispose]: () => (stopping ??= stop()),
  };
}

/** Waits for the work, but not longer. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return address.port;
}
