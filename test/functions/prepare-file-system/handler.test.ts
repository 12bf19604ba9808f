import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { handler } from '../../../functions/prepare-file-system/handler.ts';
import { openAnswerBucket } from '../../support/answer-bucket.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const rootsBelow = (path: string) => ({
  ServiceToken: 'arn',
  LandingRoot: join(path, 'landing'),
  IncomingRoot: join(path, 'incoming'),
  After: ['sgr-1'],
});

test('makes a landing directory that others can read, and one for incoming files that they cannot', async () => {
  await using mount = await temporaryDirectory();
  await using bucket = await openAnswerBucket();
  await handler(bucket.request('Create', rootsBelow(mount.path)));
  expect(await modeOf(join(mount.path, 'landing'))).toBe(0o755);
  expect(await modeOf(join(mount.path, 'incoming'))).toBe(0o700);
  expect(bucket.answers).toMatchObject([
    { method: 'PUT', body: { Status: 'SUCCESS', PhysicalResourceId: 'file-system-roots' } },
  ]);
});

test('leaves existing content alone, and sets the modes', async () => {
  await using mount = await temporaryDirectory();
  await using bucket = await openAnswerBucket();
  await mkdir(join(mount.path, 'landing'));
  await writeFile(join(mount.path, 'landing', 'report.csv'), 'landed');
  await chmod(join(mount.path, 'landing'), 0o700);
  await handler(bucket.request('Update', rootsBelow(mount.path)));
  expect(await readFile(join(mount.path, 'landing', 'report.csv'), 'utf8')).toBe('landed');
  expect(await modeOf(join(mount.path, 'landing'))).toBe(0o755);
});

test('makes nothing when the mount is missing, and reports it', async () => {
  await using mount = await temporaryDirectory();
  await using bucket = await openAnswerBucket();
  await handler(bucket.request('Create', rootsBelow(join(mount.path, 'not-mounted'))));
  expect(bucket.answers[0]?.body).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/ENOENT.*not-mounted/),
  });
  expect(existsSync(join(mount.path, 'not-mounted'))).toBe(false);
});

test('removes nothing when the stack is deleted', async () => {
  await using mount = await temporaryDirectory();
  await using bucket = await openAnswerBucket();
  await handler(bucket.request('Create', rootsBelow(mount.path)));
  await handler({
    ...bucket.request('Delete', rootsBelow(mount.path)),
    PhysicalResourceId: 'file-system-roots',
  });
  expect(existsSync(join(mount.path, 'landing'))).toBe(true);
  expect(bucket.answers[1]?.body).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'file-system-roots',
  });
});
