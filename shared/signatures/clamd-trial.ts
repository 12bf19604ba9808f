import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '../engine/clamd-engine.ts';
import { clamdScanner } from '../scan/clamd/clamd-scanner.ts';
import type { StartTrial } from './trial.ts';

/** Far more than any sample takes. */
const MAX_SCAN_TIME_MS = 60_000;

/** A clamd with the ingest's configuration, in a directory that is removed with it. */
export function clamdTrial(directory: string): StartTrial {
  return async (database, signal) => {
    const restarts: string[] = [];
    const socket = join(directory, 'clamd.sock');
    const engine = await startEngine({
      directory,
      socket,
      logFile: join(directory, 'clamd.log'),
      signatures: database,
      maxScanTimeMs: MAX_SCAN_TIME_MS,
      abandonedAfterMs: 2 * MAX_SCAN_TIME_MS,
      onRestart: (why) => restarts.push(why),
      signal,
    });
    const scanner = clamdScanner(socket);
    return {
      version: engine.version,
      async scan({ name, content }, within) {
        const path = join(directory, name);
        await writeFile(path, content);
        const reply = await scanner.scan(path, within);
        await rm(path);
        return reply;
      },
      async peakMemoryMb() {
        const [why] = restarts;
        if (why !== undefined) throw new Error(`clamd ended during the trial (${why})`);
        return await peakMemoryMb(engine.pid);
      },
      async [Symbol.asyncDispose]() {
        await engine[Symbol.asyncDispose]();
        await rm(directory, { recursive: true, force: true });
      },
    };
  };
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function peakMemoryMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? [];
  if (kib === undefined) throw new Error('the memory that clamd took cannot be read');
  return Number(kib) / 1024;
}
