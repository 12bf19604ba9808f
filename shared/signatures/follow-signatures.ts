import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineService } from '../engine/engine-service.ts';
import type { Log } from '../platform/log.ts';
import type { SignatureStore } from './signature-store.ts';

export type FollowPorts = {
  readonly store: Pick<SignatureStore, 'current' | 'download'>;
  readonly service: EngineService;
  readonly log: Log;
};

export type FollowRhythm = {
  /** Between two looks at what is published. */
  readonly checkEveryMs: number;
  /** Until the first engine is in service, and as long as there is none. */
  readonly retryMs: number;
};

const TICK_MS = 1_000;

/**
 * Keeps an engine in service that has the signatures which are in force. Ends with `signal`.
 *
 * Whatever goes wrong, the engine that is in service goes on with what it has: a bucket that does
 * not answer, a file that is not what was published, a database that does not load.
 */
export async function followSignatures(
  { store, service, log }: FollowPorts,
  { checkEveryMs, retryMs }: FollowRhythm,
  signal: AbortSignal,
): Promise<void> {
  let inService: string | undefined;

  async function renew(): Promise<void> {
    const published = await store.current(signal);
    if (published === undefined) throw new Error('no signatures have been published yet');
    const { version } = published.pointer;
    if (version === inService) return;
    const startedAt = Date.now();
    await store.download(published.manifest, await service.prepare(), signal);
    const fetchMs = Date.now() - startedAt;
    const engine = await service.replace(signal);
    inService = version;
    log.info('signatures in service', { version, engine, fetchMs, tookMs: Date.now() - startedAt });
  }

  while (!signal.aborted) {
    await renew().catch((error: unknown) => {
      if (!signal.aborted) log.error('signatures could not be renewed', error, { inService });
    });
    await rest(inService === undefined ? retryMs : checkEveryMs, signal);
  }
}

/** By the clock, in short naps: who was frozen for an hour looks as soon as it wakes. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !signal.aborted) {
    await sleep(Math.min(TICK_MS, ms), undefined, { signal }).catch(() => {});
  }
}
