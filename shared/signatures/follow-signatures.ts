import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineService } from '../engine/engine-service.ts';
import type { Log } from '../platform/log.ts';
import type { SignatureStore } from './signature-store.ts';

export type FollowPorts = {
  readonly store: Pick<SignatureStore, 'current' | 'download'>;
  readonly service: EngineService;
  readonly log: Log;
};

export type FollowIntervals = {
  /** Between two checks for another version. */
  readonly checkEveryMs: number;
  /** The same until the first engine is in service. */
  readonly retryMs: number;
};

const TICK_MS = 1_000;

/**
 * Keeps an engine in service on the signatures in force. Ends with `signal`.
 *
 * After any failure (the bucket does not answer, a file is not what was published, a database does
 * not load) the engine in service stays as it is.
 */
export async function followSignatures(
  { store, service, log }: FollowPorts,
  { checkEveryMs, retryMs }: FollowIntervals,
  signal: AbortSignal,
): Promise<void> {
  let inService: string | undefined;

  async function update(): Promise<void> {
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
    await update().catch((error: unknown) => {
      if (!signal.aborted) log.error('signatures could not be updated', error, { inService });
    });
    await pause(inService === undefined ? retryMs : checkEveryMs, signal);
  }
}

/** By the clock, in short sleeps: after an hour frozen, the check is due on waking. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !signal.aborted) {
    await sleep(Math.min(TICK_MS, ms), undefined, { signal }).catch(() => {});
  }
}
