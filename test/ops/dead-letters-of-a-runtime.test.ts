import { readFile, rm } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test, vi } from 'vitest';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { startAirlock } from '../support/airlock.ts';
import { runOps } from '../support/installation.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

// Ten commands, each a process that waits for an empty queue for a second.
vi.setConfig({ testTimeout: 240_000 });

test('an operator sees why files were refused, fixes a cause, redrives, and the file is delivered', async () => {
  await using home = await temporaryDirectory();
  await using airlock = await startAirlock({ home: home.path });
  const { s3, info } = airlock;
  const put = (Key: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key, Body }));
  const deadLetters = (...args: readonly string[]) => runOps(home.path, ['dead-letters', ...args]);
  const listed = async () =>
    JSON.parse((await deadLetters('list', '--json')).stdout) as DeadLetter[];

  await put('report', 'a file where a folder will be needed');
  await airlock.noticeOf('report', 'delivered');
  await put('report/part.csv', 'the part');
  await put('a/../b', 'nowhere to go');
  await airlock.noticeOf('report/part.csv', 'refused');
  await airlock.noticeOf('a/../b', 'refused');

  // The notice is published before the dead letter.
  await until(listed, (dead) => dead.length === 2);
  const { stdout } = await deadLetters('list');
  expect(stdout).toMatch(/1 x KEY_COLLIDES/);
  expect(stdout).toMatch(/1 x KEY_UNSAFE.*\n.*\n.*\n.*\n.*a\/\.\.\/b.*"\.\." path segment/);

  await rm(airlock.landed('report'));
  const tooEarly = await deadLetters('redrive', '--key', 'a/../*');
  expect(tooEarly).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/refused again: a\/..\/b: KEY_UNSAFE: .*\n.*1 refused again\./),
  });

  const redriven = await deadLetters('redrive', '--code', 'KEY_COLLIDES');

  expect(redriven).toMatchObject({
    code: 0,
    stdout: '1 dead letter redriven: 1 delivered.\n',
  });
  expect(await readFile(airlock.landed('report/part.csv'), 'utf8')).toBe('the part');
  expect((await listed()).map(({ code }) => code)).toEqual(['KEY_UNSAFE']);
});
