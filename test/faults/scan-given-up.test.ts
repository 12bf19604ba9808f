import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startClamd } from '../../local/clamd/clamd.ts';
import { chooseSignatures } from '../../local/clamd/signatures.ts';
import { clamdScanner } from '../../shared/scan/clamd/clamd-scanner.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const FOREVER_MS = 600_000;
const NEVER = new AbortController().signal;

test('a scan that goes on after it was given up ends with its clamd, and the next file is scanned', async () => {
  await using directory = await temporaryDirectory();
  const endless = join(directory.path, 'endless.zip');
  const harmless = join(directory.path, 'harmless.txt');
  await writeFile(endless, emptyMembers(60_000));
  await writeFile(harmless, 'harmless');
  const restarts: string[] = [];
  await using clamd = await startClamd({
    directory: join(directory.path, 'clamd'),
    logFile: join(directory.path, 'clamd.log'),
    signatures: await chooseSignatures('test'),
    maxScanTimeMs: FOREVER_MS,
    abandonedAfterMs: 1_500,
    onRestart: (why) => restarts.push(why),
  });
  const first = clamd.pid;
  const scanner = clamdScanner(clamd.socket);

  await expect(scanner.scan(endless, AbortSignal.timeout(500))).rejects.toMatchObject({
    code: 'DEADLINE_NEAR',
  });
  // A thread is taken for good, but clamd is far from silent.
  expect(await scanner.scan(harmless, NEVER)).toEqual({ kind: 'ok' });
  expect(clamd.pid).toBe(first);

  await until(
    () => clamd.pid,
    (pid) => pid !== first,
  );
  expect(restarts).toEqual(['it went on with a scan that was given up, and was killed']);
  const reply = await until(
    () => scanner.scan(harmless, NEVER).catch(() => undefined),
    (found) => found !== undefined,
  );
  expect(reply).toEqual({ kind: 'ok' });
  expect(await readdir(join(directory.path, 'clamd', 'tmp'))).toEqual([]);
});

/** A zip of so many empty files: a few megabytes that take clamd minutes. */
function emptyMembers(count: number): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const name = Buffer.from(index.toString(36).padStart(4, '0'));
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(10, 4);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(10, 6);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, name);
    central.push(entry, name);
    offset += local.length + name.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
