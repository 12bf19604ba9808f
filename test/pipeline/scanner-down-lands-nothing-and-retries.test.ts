import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { attributesOf, startAirlock } from '../support/airlock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('while the scanner is down nothing lands, and when it is back the file does', async () => {
  await using elsewhere = await temporaryDirectory();
  const ClamdSocket = join(elsewhere.path, 'clamd.sock');
  await using airlock = await startAirlock({ parameters: { ClamdSocket, RetryBaseS: 1 } });
  const { s3, info } = airlock;

  await s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key: 'a.txt', Body: 'abc' }));
  const log = join(info.logs, 'IngestFunction.log');
  await expect
    .poll(() => readFile(log, 'utf8'))
    .toMatch(/object will be retried.*SCANNER_UNAVAILABLE/);
  expect(await readdir(info.landingRoot)).toEqual([]);
  expect(airlock.notices).toEqual([]);

  await symlink(info.clamd.socket, ClamdSocket);
  await airlock.noticeOf('a.txt', 'delivered');
  expect(await readFile(airlock.landed('a.txt'), 'utf8')).toBe('abc');
});

test('a scanner that stays down ends in the dead-letter queue, with the tries counted', async () => {
  const parameters = { ClamdSocket: '/nonexistent/clamd.sock', RetryBaseS: 0, MaxReceiveCount: 3 };
  await using airlock = await startAirlock({ parameters });
  const { s3, info } = airlock;

  await s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key: 'a.txt', Body: 'abc' }));

  const letter = await airlock.takeMessage(info.queues.deadLetter.url);
  expect(attributesOf(letter)).toMatchObject({
    ErrorCode: 'SCANNER_UNAVAILABLE',
    Key: 'a.txt',
    ReceiveCount: '3',
  });
  expect(await airlock.noticeOf('a.txt')).toMatchObject({ outcome: 'refused' });
  expect(await readdir(info.landingRoot)).toEqual([]);
});

test('a clamd that is killed is started again, and what it was asked meanwhile is scanned', async () => {
  await using airlock = await startAirlock({ parameters: { RetryBaseS: 1 } });
  const { s3, info, runtime } = airlock;
  const before = runtime.processes().clamd ?? 0;

  process.kill(before, 'SIGKILL');
  await s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key: 'a.txt', Body: 'abc' }));

  await airlock.noticeOf('a.txt', 'delivered');
  expect(runtime.processes().clamd).not.toBe(before);
});
