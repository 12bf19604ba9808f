import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { awakeTimeout } from '../platform/awake-timeout.ts';
import { type Engine, type EngineOptions, startEngine } from './clamd-engine.ts';
import { killLeftover } from './clamd-leftover.ts';
import { runningScansMs } from './clamd-stats.ts';
import type { EngineService } from './engine-service.ts';

export type ServiceOptions = Pick<
  EngineOptions,
  'maxScanTimeMs' | 'abandonedAfterMs' | 'onRestart'
> & {
  /** Used by the service alone, and removed with it. */
  readonly root: string;
  /** A link to the socket of the clamd in service. */
  readonly socket: string;
};

/** One in service, and one that loads the next database. */
const SLOTS = ['a', 'b'] as const;

const CHECK_EVERY_MS = 200;

type InService = { readonly slot: string; readonly engine: Engine };

/** Replaces one clamd by another without a gap, by switching a link from one socket to the other. */
export async function clamdService(options: ServiceOptions): Promise<EngineService> {
  const { root, socket } = options;
  let current: InService | undefined;
  const place = (slot: string, name: string): string => join(root, slot, name);
  const nextSlot = (): string => (current?.slot === SLOTS[0] ? SLOTS[1] : SLOTS[0]);

  // Left by a service that was killed.
  for (const slot of SLOTS) await killLeftover(place(slot, 'clamd.pid'), place(slot, 'clamd.conf'));
  await rm(root, { recursive: true, force: true });

  /** Atomic: the link always points to a clamd. */
  async function switchSocket(engine: Engine, link: string): Promise<void> {
    try {
      await symlink(engine.socket, link);
      await rename(link, socket);
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  async function retire({ slot, engine }: InService): Promise<void> {
    await waitUntilIdle(engine.socket, options.abandonedAfterMs);
    await engine[Symbol.asyncDispose]();
    await rm(join(root, slot), { recursive: true, force: true });
  }

  return {
    async prepare() {
      await rm(join(root, nextSlot()), { recursive: true, force: true });
      const directory = place(nextSlot(), 'signatures');
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return directory;
    },
    async replace(signal) {
      const slot = nextSlot();
      const engine = await startEngine({
        ...options,
        directory: join(root, slot),
        socket: place(slot, 'clamd.sock'),
        logFile: place(slot, 'clamd.log'),
        signatures: place(slot, 'signatures'),
        signal,
      });
      await switchSocket(engine, place(slot, 'link'));
      const previous = current;
      current = { slot, engine };
      if (previous) await retire(previous);
      return engine.version;
    },
    async [Symbol.asyncDispose]() {
      await rm(socket, { force: true });
      await current?.engine[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Waits for the running scans; new ones go to the other clamd, but for those that were just connecting. */
async function waitUntilIdle(socket: string, longestMs: number): Promise<void> {
  using timeout = awakeTimeout(longestMs);
  const { signal } = timeout;
  while (!signal.aborted) {
    await sleep(CHECK_EVERY_MS);
    const scans = await runningScansMs(socket, signal).catch(() => []);
    if (scans.length === 0) return;
  }
}
