import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { startAirlock } from '../support/airlock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('what one run took in and did not settle, the next run delivers; what was settled stays', async () => {
  await using home = await temporaryDirectory();
  {
    await using first = await startAirlock({ home: home.path });
    const { s3, info } = first;
    await s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key: 'done', Body: '1' }));
    await first.noticeOf('done', 'delivered');
    await expect.poll(() => first.tagsOf('done')).toHaveProperty('scan-status', 'clean');
  }
  {
    const parameters = { ClamdSocket: '/nonexistent/clamd.sock' };
    await using scannerless = await startAirlock({ home: home.path, parameters });
    const { s3, info } = scannerless;
    const Bucket = info.buckets.inbox;
    for (const Key of ['left/one', 'left/two']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    }
  }

  await using last = await startAirlock({ home: home.path });
  expect(last.runtime.resumedCount).toBe(2);
  for (const key of ['left/one', 'left/two']) {
    await last.noticeOf(key, 'delivered');
    expect(await readFile(last.landed(key), 'utf8')).toBe(key);
  }
  expect(last.notices.some(({ object }) => object?.key === 'done')).toBe(false);
  expect(await readFile(last.landed('done'), 'utf8')).toBe('1');
  expect(await readdir(join(home.path, 'incoming'))).toEqual([]);
});

test('a worker that is killed in the middle of its work loses nothing', async () => {
  const parameters = { IngestVisibilityTimeoutS: 2 };
  await using airlock = await startAirlock({ parameters });
  const { s3, info, runtime } = airlock;
  const Bucket = info.buckets.inbox;
  const keys = Array.from({ length: 20 }, (_, index) => `file-${index}`);
  await Promise.all(
    keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key.repeat(1000) }))),
  );
  for (const pid of runtime.processes().ingest) process.kill(pid, 'SIGKILL');

  for (const key of keys) {
    await airlock.noticeOf(key, 'delivered');
    expect(await readFile(airlock.landed(key), 'utf8')).toBe(key.repeat(1000));
  }
});
