import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Event } from './events.ts';
import { refuseBrowsers } from '../browser-guard.ts';
import { onPort } from '../../shared/platform/listening-port.ts';
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
  /** Called after a change is durable. An error is passed to `onError` and never fails the request. */
  readonly emit: (event: S3Event) => Promise<void> | void;
  /** Called for failed `emit`s and internal errors. Default: console.error. */
  readonly onError?: (error: unknown) => void;
};

export interface S3StandIn extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. Path-style addressing only, which clients use for IP addresses anyway. */
  readonly endpoint: string;
  /** Idempotent: creates the bucket if missing, and updates its settings. */
  ensureBucket(name: string, settings: { versioned: boolean; eventBridge: boolean }): void;
}

/** How long open requests may take to finish on shutdown. */
const STOP_GRACE_MS = 500;

/**
 * A small S3 whose protocol is exact for what Airlock, AWS SDK v3 and the aws CLI send; `protocol/router.ts` has the list.
 *
 * Objects and metadata are durable before they are acknowledged and survive SIGKILL. Signatures and permissions are not
 * checked, since it is meant for a developer's machine. What a request declares about its body (lengths, MD5, SHA-256,
 * checksums and their trailers) is verified. Anything not implemented is refused with 501.
 *
 * Known differences from AWS: access control lists and storage classes are accepted without effect; a version id is
 * checked for its form only; metadata outside ASCII is returned byte for byte rather than in RFC 2047's encoding; a second
 * CompleteMultipartUpload of the same upload fails with NoSuchUpload; events come once and in order, which AWS does not
 * guarantee.
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
  // No limit for a whole request: a large upload may take long.
  const server = createServer({ requestTimeout: 0, noDelay: true }, (request, response) => {
    if (refuseBrowsers(request, response)) return;
    const handled = handleRequest(service, request, response, onError).finally(() =>
      handling.delete(handled),
    );
    handling.add(handled);
  });

  try {
    const { port = 0 } = options;
    await onPort(port, 'AIRLOCK_S3_PORT', async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    });
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

/** Waits for the work, but at most `ms`. */
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
