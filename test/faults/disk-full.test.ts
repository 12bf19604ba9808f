import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { RuntimeInfo } from '../../local/runtime-info.ts';
import { fillDisk } from '../support/full-disk.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { connectSftp, runSftp } from '../support/sftp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { LAST_RESORT_MS, START_PATIENCE_MS, until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
/** With less clamd is stopped until there is more. */
const DISK_MB = 1_024;

describe.runIf(mayMount())('the disk with the state directory', () => {
  test(
    'while it is full senders are told to try again, nothing ends, and then all goes on',
    { timeout: LAST_RESORT_MS },
    async () => {
      await using directory = await temporaryDirectory();
      const home = join(directory.path, 'home');
      using _disk = await mountMemory(home, DISK_MB);
      await using airlock = await start(home);
      const { info, complaints } = airlock;
      const local = join(directory.path, 'local');
      await writeFile(local, Buffer.alloc(300_000, 'content '));
      expect(await runSftp(info.sftp, [`put ${local} before`])).toMatchObject({ code: 0 });
      await until(notices, (text) => text.includes('"delivered"'));

      const full = await fillDisk(home);
      const refused = await runSftp(info.sftp, [`put ${local} meanwhile`]);
      expect(refused.code).not.toBe(0);
      // OpenSSH does not print the server's words.
      {
        await using connection = await connectSftp(info.sftp, info.sftp);
        const write = connection.ask((done) =>
          connection.sftp.writeFile('meanwhile', Buffer.alloc(300_000), done),
        );
        await expect(write).rejects.toThrow('the storage is busy; try again later');
      }
      // The logs have some room left in their last block.
      await until(
        async () => {
          await runSftp(info.sftp, [`put ${local} meanwhile`]);
          return complaints();
        },
        (text) => /cannot be written: .*ENOSPC/.test(text),
      );
      expect(airlock.process.exitCode).toBeNull();

      await full[Symbol.asyncDispose]();
      await until(complaints, (text) => text.includes('can be written again'));
      expect(await runSftp(info.sftp, [`put ${local} meanwhile`])).toMatchObject({ code: 0 });
      await until(notices, (text) => /"key":"meanwhile".*/.test(text));
      expect(await readFile(join(info.landingRoot, 'meanwhile'))).toEqual(await readFile(local));
      // One complaint each, not one for every line.
      const lines = complaints()
        .split('\n')
        .filter((line) => line.includes('cannot be written'));
      expect(new Set(lines).size).toBe(lines.length);

      function notices(): Promise<string> {
        return readFile(join(home, 'notices.jsonl'), 'utf8');
      }
    },
  );
});

type Started = AsyncDisposable & {
  readonly process: ChildProcess;
  readonly info: RuntimeInfo;
  readonly complaints: () => string;
};

async function start(home: string): Promise<Started> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, AIRLOCK_HOME: home, AIRLOCK_SFTP_PORT: '0', AIRLOCK_SIGNATURES: 'test' },
  });
  const exited = once(child, 'exit');
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const info = await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`it did not start: ${complaints}`);
      const written = await readFile(join(home, 'runtime.json'), 'utf8').catch(() => '{}');
      return JSON.parse(written) as RuntimeInfo;
    },
    ({ pid }) => pid === child.pid,
    { patienceMs: START_PATIENCE_MS },
  );
  return {
    process: child,
    info,
    complaints: () => complaints,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
