import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirlock, type Airlock } from '../support/airlock.ts';
import { runOps } from '../support/installation.ts';
import { aKeyPair } from '../support/partners.ts';
import { runSftp, type SftpRun } from '../support/sftp-client.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;
let airlock: Airlock;
beforeAll(async () => {
  directory = await temporaryDirectory();
  airlock = await startAirlock({ home: directory.path });
});
afterAll(async () => {
  await airlock?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

const file = (name: string) => join(directory.path, name);

async function ops(...words: string[]): Promise<void> {
  const run = await runOps(directory.path, words);
  expect(run).toMatchObject({ code: 0 });
}

/** Adds a partner with a key of its own. @returns how to run `sftp` as that partner */
async function addPartner(name: string, ...options: string[]) {
  const { publicKey, privateKey } = aKeyPair();
  await writeFile(file(`${name}.pub`), `${publicKey} ${name}@test\n`);
  await writeFile(file(name), privateKey, { mode: 0o600 });
  await ops('partner', 'add', name, '--key', file(`${name}.pub`), ...options);
  const { host, port } = airlock.info.sftp;
  const to = { host, port, username: name, privateKeyPath: file(name) };
  return (...commands: string[]): Promise<SftpRun> => runSftp(to, commands);
}

test("a new partner's upload lands in its own folder, and no other partner sees it", async () => {
  const acme = await addPartner('acme');
  const globex = await addPartner('globex');
  await writeFile(file('report.csv'), 'a,b\n1,2\n');

  expect(await acme(`put ${file('report.csv')} /report.csv`)).toMatchObject({ code: 0 });
  const notice = await airlock.noticeOf('acme/report.csv', 'delivered');
  expect(notice.partner).toBe('acme');
  expect(await readFile(airlock.landed('acme/report.csv'), 'utf8')).toBe('a,b\n1,2\n');

  expect((await acme('ls -1 /')).stdout).toContain('report.csv');
  const theirs = await globex('ls -1 /');
  expect([theirs.code, theirs.stdout]).toEqual([0, expect.not.stringContaining('report')]);
  for (const path of ['/../acme/report.csv', '/acme/report.csv', 'report.csv']) {
    expect(await globex(`get ${path} ${file('stolen')}`)).not.toMatchObject({ code: 0 });
  }
});

test('a partner cannot log in from another network, when disabled, or once removed', async () => {
  const outsider = await addPartner('outsider', '--network', '192.0.2.0/24');
  expect(await outsider('pwd')).not.toMatchObject({ code: 0 });

  const insider = await addPartner('insider');
  await ops('partner', 'disable', 'insider');
  expect(await insider('pwd')).not.toMatchObject({ code: 0 });

  const former = await addPartner('former');
  await ops('partner', 'remove', 'former');
  expect(await former('pwd')).not.toMatchObject({ code: 0 });
});
