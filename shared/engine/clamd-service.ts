import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { awakeTimeout } from '../platform/awake-timeout.ts';
import { type Engine, type EngineOptions, startEngine } from './clamd-engine.ts';
import { endLeftover } from './clamd-leftover.ts';
import { runningScansMs } from './clamd-stats.ts';
import type { EngineService } from './engine-service.ts';

export type ServiceOptions = Pick<
  EngineOptions,
  'maxScanTimeMs' | 'abandonedAfterMs' | 'onRestart'
> & {
  /** A directory of its own, for as long as the service lives. */
  readonly root: string;
  /** Where scanners find whichever clamd is in service. */
  readonly socket: string;
};

/** Two are enough: one in service, and one that gets ready. */
const SLOTS = ['a', 'b'] as const;

const LOOK_EVERY_MS = 200;

type InService = { readonly slot: string; readonly engine: Engine };

/** clamds that take turns. The address is a link to the socket of the one in service. */
export async function clamdService(options: ServiceOptions): Promise<EngineService> {
  const { root, socket } = options;
  let current: InService | undefined;
  const place = (slot: string, name: string): string => join(root, slot, name);
  const next = (): string => (current?.slot === SLOTS[0] ? SLOTS[1] : SLOTS[0]);

  // What a service left that was killed.
  for (const slot of SLOTS) await endLeftover(place(slot, 'clamd.pid'), place(slot, 'clamd.conf'));
  await rm(root, { recursive: true, force: true });

  /** In one step: there is no moment without a clamd at the address. */
  async function putInPlace(engine: Engine, link: string): Promise<void> {
    try {
      await symlink(engine.socket, link);
      await rename(link, socket);
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  async function retire({ slot, engine }: InService): Promise<void> {
    await untilIdle(engine.socket, options.abandonedAfterMs);
    await engine[Symbol.asyncDispose]();
    await rm(join(root, slot), { recursive: true, force: true });
  }

  return {
    async prepare() {
      await rm(join(root, next()), { recursive: true, force: true });
      const directory = place(next(), 'signatures');
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return directory;
    },
    async replace(signal) {
      const slot = next();
      const engine = await startEngine({
        ...options,
        directory: join(root, slot),
        socket: place(slot, 'clamd.sock'),
        logFile: place(slot, 'clamd.log'),
        signatures: place(slot, 'signatures'),
        signal,
      });
      await putInPlace(engine, place(slot, 'link'));
      const former = current;
      current = { slot, engine };
      if (former) await retire(former);
      return engine.version;
    },
    async [Symbol.asyncDispose]() {
      await rm(socket, { force: true });
      await current?.engine[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Nobody begins a scan any more, but for who has just come; what was begun may end. */
async function untilIdle(socket: string, longestMs: number): Promise<void> {
  using patience = awakeTimeout(longestMs);
  const { signal } = patience;
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    const scans = await runningScansMs(socket, signal).catch(() => []);
    if (scans.length === 0) return;
  }
}
