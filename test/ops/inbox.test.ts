import { access, readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Airlock, startAirlock } from '../support/airlock.ts';
import { runOps } from '../support/installation.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

let home: TemporaryDirectory;
let airlock: Airlock;
beforeAll(async () => {
  home = await temporaryDirectory();
  airlock = await startAirlock({ home: home.path });
});
afterAll(async () => {
  await airlock?.[Symbol.asyncDispose]();
  await home?.[Symbol.asyncDispose]();
});

const inbox = (...args: readonly string[]) => runOps(home.path, ['inbox', ...args]);
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test('files that the landing tree has lost are delivered again, as uploads of their partner', async () => {
  const keys = ['acme/ü 1.csv', 'acme/2.csv', 'other/3.csv'];
  for (const key of keys) {
    await airlock.upload(key, key);
    await airlock.noticeOf(key, 'delivered');
    await until(
      () => airlock.tagsOf(key),
      (tags) => tags['scan-status'] === 'clean',
    );
  }
  await rm(airlock.landed('acme'), { recursive: true });

  const { code, stdout } = await inbox('redeliver', '--prefix', 'acme/');

  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('2 of 2') });
  for (const key of keys.slice(0, 2)) {
    await until(
      () => isThere(airlock.landed(key)),
      (there) => there,
    );
    expect(await readFile(airlock.landed(key), 'utf8')).toBe(key);
    const again = await until(
      () => airlock.notices.filter(({ object }) => object?.key === key),
      (notices) => notices.length === 2,
    );
    expect(again[1]).toMatchObject({ outcome: 'delivered', partner: again[0]?.partner });
  }
  expect(await airlock.versionsOf(airlock.info.buckets.inbox, 'other/3.csv')).toHaveLength(1);
});

test('a dry run changes nothing; what was never delivered, or does not exist, is left alone', async () => {
  await airlock.upload('x/../y', 'refused');
  await airlock.noticeOf('x/../y', 'refused');
  const { stdout } = await inbox(
    'redeliver',
    '--key',
    'x/../y',
    'nothing',
    'other/3.csv',
    '--dry-run',
  );
  expect(stdout).toMatch(/x\/\.\.\/y +left alone +its newest upload was not delivered/);
  expect(stdout).toMatch(/nothing +left alone +the inbox has no such key/);
  expect(stdout).toMatch(/other\/3\.csv +would be put back/);
  expect(await airlock.versionsOf(airlock.info.buckets.inbox, 'other/3.csv')).toHaveLength(1);
  expect(await inbox('redeliver')).toMatchObject({ code: 2 });
});

test('runtime.json has the credentials, and nothing that the SDK notes in them', async () => {
  const text = await readFile(`${home.path}/runtime.json`, 'utf8');
  const { accessKeyId, secretAccessKey } = airlock.info.credentials;
  expect(JSON.parse(text).credentials).toEqual({ accessKeyId, secretAccessKey });
  expect(text).not.toContain('$source');
});

test('what partners have uploaded is listed with how it ended', async () => {
  const { code, stdout } = await inbox('list');
  expect(code).toBe(0);
  expect(stdout).toMatch(/delivered .*acme\/2\.csv/);
  expect(stdout).toMatch(/refused .*x\/\.\.\/y/);
  const listed = async (...args: readonly string[]) =>
    (JSON.parse((await inbox('list', '--json', ...args)).stdout) as { key: string }[]).map(
      ({ key }) => key,
    );
  expect(await listed('--prefix', 'acme/')).toEqual(['acme/2.csv', 'acme/ü 1.csv']);
  expect(await listed('--ending', 'refused')).toEqual(['x/../y']);
  const first = await inbox('list', '--limit', '1');
  expect(first.stderr).toContain('There are more than 1');
  expect(await inbox('list', '--ending', 'nonsense')).toMatchObject({ code: 2 });
});
