import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirlock, type Airlock } from '../support/airlock.ts';
import { quoted } from '../support/sftp-client.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let airlock: Airlock;
let local: TemporaryDirectory;

beforeAll(async () => {
  [airlock, local] = await Promise.all([startAirlock(), temporaryDirectory()]);
});
afterAll(async () => {
  await airlock?.[Symbol.asyncDispose]();
  await local?.[Symbol.asyncDispose]();
});

const NAMES = [
  'plain.txt',
  'with space.txt',
  'Umläute größer.csv',
  'a+b.txt',
  '100%.txt',
  '%41%2F.txt',
  'number#1.txt',
  'question?.txt',
  "quote'd.txt",
  'back\\slash.txt',
  'file..name.txt',
  '日本語.txt',
];

test('a tree of clean files lands bit for bit at the same paths, each announced once', async () => {
  const files = new Map<string, Buffer>();
  for (const [index, name] of NAMES.entries()) files.set(name, randomBytes(index * 1000));
  files.set('deep/er/still/empty', Buffer.alloc(0));
  files.set('deep/er/large.bin', randomBytes(12_000_000));
  for (const [name, content] of files) {
    await mkdir(join(local.path, 'tree', name, '..'), { recursive: true });
    await writeFile(join(local.path, 'tree', name), content);
  }

  await airlock.sftp(`put -r ${quoted(join(local.path, 'tree'))}`);

  for (const [name, content] of files) {
    const notice = await airlock.noticeOf(`tree/${name}`, 'delivered');
    expect(notice).toMatchObject({
      landingPath: `tree/${name}`,
      partner: 'demo',
      sha256: createHash('sha256').update(content).digest('hex'),
      object: { sizeBytes: content.length },
    });
    expect((await readFile(airlock.landed(`tree/${name}`))).equals(content)).toBe(true);
  }
  const announced = airlock.notices.map(({ id }) => id);
  expect(new Set(announced).size).toBe(announced.length);
});

test('a landed file is readable, has the time of its upload, and its object says it was clean', async () => {
  await writeFile(join(local.path, 'report.csv'), 'a;b\n1;2\n');
  await airlock.sftp(`put ${quoted(join(local.path, 'report.csv'))} report.csv`);

  const notice = await airlock.noticeOf('report.csv', 'delivered');
  const landed = await stat(airlock.landed('report.csv'));
  expect(landed.mode & 0o777).toBe(0o644);
  expect(Math.abs(landed.mtimeMs - Date.parse(notice.object?.arrivedAt ?? ''))).toBeLessThan(2_000);
  await expect
    .poll(() => airlock.tagsOf('report.csv'))
    .toMatchObject({ 'scan-status': 'clean', 'scan-engine': airlock.info.clamd.version });
});

test('a folder that a partner makes appears in the landing tree', async () => {
  await airlock.sftp('mkdir incoming');
  await airlock.noticeOf('incoming/', 'delivered');
  expect((await stat(airlock.landed('incoming'))).isDirectory()).toBe(true);
});

test('an upload under a temporary name lands once, under its final name', async () => {
  const content = randomBytes(3000);
  await writeFile(join(local.path, 'order.xml'), content);
  await airlock.sftp(
    `put ${quoted(join(local.path, 'order.xml'))} order.xml.filepart`,
    'rename order.xml.filepart order.xml',
  );

  await airlock.noticeOf('order.xml', 'delivered');
  const skipped = await airlock.noticeOf('order.xml.filepart');
  expect(skipped.outcome).toBe('skipped');
  expect((await readFile(airlock.landed('order.xml'))).equals(content)).toBe(true);
  await expect(stat(airlock.landed('order.xml.filepart'))).rejects.toThrow('ENOENT');
});

test('a file that is renamed after it was delivered lands under its new name too', async () => {
  await writeFile(join(local.path, 'draft.txt'), 'text');
  await airlock.sftp(`put ${quoted(join(local.path, 'draft.txt'))} draft.txt`);
  await airlock.noticeOf('draft.txt', 'delivered');
  await expect.poll(() => airlock.tagsOf('draft.txt')).toHaveProperty('scan-status', 'clean');

  await airlock.sftp('rename draft.txt final.txt');
  await airlock.noticeOf('final.txt', 'delivered');
  expect(await readFile(airlock.landed('final.txt'), 'utf8')).toBe('text');
});
