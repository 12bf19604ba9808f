import { readFile } from 'node:fs/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QuarantinedFile } from '../../ops/quarantine/quarantined-files.ts';
import { type Airlock, startAirlock } from '../support/airlock.ts';
import { EICAR } from '../support/eicar.ts';
import { encryptedZip } from '../support/encrypted-zip.ts';
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

const quarantine = (...args: readonly string[]) => runOps(home.path, ['quarantine', ...args]);
const listed = async (...args: readonly string[]) =>
  JSON.parse((await quarantine('list', '--json', ...args)).stdout) as QuarantinedFile[];
/** Copied to quarantine and removed from the inbox. */
const untilQuarantined = async (key: string, count = 1) => {
  await until(
    () => airlock.versionsOf(airlock.info.buckets.quarantine, key),
    (versions) => versions.length === count,
  );
  await until(
    () => airlock.versionsOf(airlock.info.buckets.inbox, key),
    (versions) => versions.length === 0,
  );
};

test('what was quarantined is listed with its evidence', async () => {
  await airlock.upload('bad.txt', EICAR);
  await airlock.upload('secret.zip', encryptedZip());
  await untilQuarantined('bad.txt');
  await untilQuarantined('secret.zip');

  const { stdout } = await quarantine('list');
  expect(stdout).toMatch(/infected .*bad\.txt .*Eicar/i);
  expect(stdout).toMatch(/unscannable .*secret\.zip +encrypted/);
  expect((await listed('--verdict', 'infected')).map(({ key }) => key)).toEqual(['bad.txt']);
  const shown = await quarantine('show', 'secret.zip');
  for (const fact of ['sha256', 'uploadedAt', 'acme@s-1']) expect(shown.stdout).toContain(fact);
  expect(await quarantine('show', 'nothing')).toMatchObject({ code: 3 });
  const elsewhere = await quarantine('list', '--prefix', 'zzz');
  expect(elsewhere.stdout).toBe('Nothing is in quarantine under zzz; 2 files in all.\n');
});

test('a file that is released is judged again, and quarantined again while nothing has changed', async () => {
  const told = await quarantine('release', 'secret.zip');
  expect(told.stdout).toContain('ends as before: unscannable, encrypted');
  expect(airlock.notices.filter(({ object }) => object?.key === 'secret.zip')).toHaveLength(1);

  expect(await quarantine('release', 'secret.zip', '--yes')).toMatchObject({ code: 0 });

  await untilQuarantined('secret.zip', 2);
  const notices = airlock.notices.filter(({ object }) => object?.key === 'secret.zip');
  expect(notices).toMatchObject([
    { outcome: 'held', partner: 'acme' },
    { outcome: 'held', partner: 'acme' },
  ]);
  const several = await quarantine('show', 'secret.zip');
  expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('--version') });
  const [one] = await listed('--prefix', 'secret.zip');
  const beginning = one?.versionId.slice(0, -1) ?? '';
  expect((await quarantine('show', 'secret.zip', '--version', beginning)).stdout).toContain(
    one?.versionId,
  );
});

test("a file that a person has inspected is delivered by the policy of a partner made for that, and its sender's policy stays", async () => {
  await airlock.upload('vault.zip', encryptedZip());
  await untilQuarantined('vault.zip');
  const partner = (...words: readonly string[]) => runOps(home.path, ['partner', ...words]);
  await partner('add', 'released', '--deliver', 'encrypted', '--prefix', 'released/');
  expect(await partner('disable', 'released')).toMatchObject({ code: 0 });

  const nobody = await quarantine('release', 'vault.zip', '--as', 'nobody', '--yes');
  expect(nobody).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('there is no partner "nobody"'),
  });
  await quarantine('release', 'vault.zip', '--as', 'released', '--yes');

  expect(await airlock.noticeOf('vault.zip', 'delivered')).toMatchObject({ partner: 'released' });
  expect(await readFile(airlock.landed('vault.zip'))).toEqual(encryptedZip());
});

test('a file whose key was uploaded again is not released over the newer one', async () => {
  await airlock.upload('bad.txt', 'harmless now');
  await airlock.noticeOf('bad.txt', 'delivered');

  const refused = await quarantine('release', 'bad.txt', '--yes');

  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('uploaded again') });
  expect(await readFile(airlock.landed('bad.txt'), 'utf8')).toBe('harmless now');
});

test('a file is discarded for good only with --yes and a reason', async () => {
  const [file] = await listed('--prefix', 'bad.txt');
  const Bucket = airlock.info.buckets.quarantine;
  const get = new GetObjectCommand({ Bucket, Key: 'bad.txt', VersionId: file?.versionId });

  expect((await quarantine('discard', 'bad.txt')).stdout).toContain(
    'This would be deleted for good',
  );
  expect((await airlock.s3.send(get)).ContentLength).toBe(EICAR.length);

  expect(await quarantine('discard', 'bad.txt', '--yes')).toMatchObject({ code: 2 });
  expect((await airlock.s3.send(get)).ContentLength).toBe(EICAR.length);

  await quarantine('discard', 'bad.txt', '--yes', '--reason', 'analysed');
  await expect(airlock.s3.send(get)).rejects.toThrow(/NoSuch|not exist/);
});
