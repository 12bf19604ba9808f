import { readFile, utimes, writeFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { landingTimeOf } from '../../shared/pipeline/landing-order.ts';
import { type Airlock, startAirlock } from '../support/airlock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Uploads, and waits until it is delivered. @returns the time its file has in the landing root */
async function deliver(airlock: Airlock, key: string, content: string): Promise<number> {
  const bucket = airlock.info.buckets.inbox;
  const { VersionId, ETag = '' } = await airlock.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }),
  );
  const isIt = ({ object }: { object?: { versionId?: string } }): boolean =>
    object?.versionId === VersionId;
  await expect.poll(() => airlock.notices.some(isIt)).toBe(true);
  await expect.poll(() => airlock.tagsOf(key)).toHaveProperty('scan-upload');
  const etag = ETag.replaceAll('"', '');
  const arrivedAt = airlock.notices.find(isIt)?.object?.arrivedAt ?? '';
  return landingTimeOf({ bucket, key, versionId: VersionId, etag }, Date.parse(arrivedAt));
}

test('an older upload on top of a newer delivered one is replaced by it at the next sweep', async () => {
  await using home = await temporaryDirectory();
  {
    await using first = await startAirlock({ home: home.path });
    const olderAt = await deliver(first, 'folder/hidden', 'older');
    await deliver(first, 'folder/hidden', 'newer');
    await deliver(first, 'edited', 'older');
    await deliver(first, 'edited', 'newer');
    // As if a worker had landed the older one last, and had died.
    await writeFile(first.landed('folder/hidden'), 'older');
    await utimes(first.landed('folder/hidden'), olderAt / 1000, olderAt / 1000);
    await writeFile(first.landed('edited'), 'by an application');
  }
  await using again = await startAirlock({ home: home.path });
  expect(again.runtime.resumedCount).toBe(1);
  await expect.poll(() => readFile(again.landed('folder/hidden'), 'utf8')).toBe('newer');
  expect(await readFile(again.landed('edited'), 'utf8')).toBe('by an application');
});
