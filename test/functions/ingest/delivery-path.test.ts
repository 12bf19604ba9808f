import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Airlock, startAirlock } from '../../support/airlock.ts';
import { ingestLog } from '../../support/faulty-airlock.ts';
import { templateWith } from '../../support/template-copy.ts';
import { until } from '../../support/until.ts';

/** Lower it when a file goes; a file more should be worth its jump. */
const MAX_FILES = 36;
const MAX_LINES = 300;

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const HANDLER = relative(
  PROJECT,
  fileURLToPath(new URL('../../support/covered-handler.ts', import.meta.url)),
).replace(/ts$/, 'handler');

test(`to read how a clean file is delivered takes at most ${MAX_FILES} files, none over ${MAX_LINES} lines`, async () => {
  await using template = await templateWith({ handler: HANDLER });
  await using airlock = await startAirlock({ templatePath: template.path });
  // The first one also starts the function: what counts is the way of all the others.
  await filesOfDelivery(airlock, 'reports/first.txt', 0);
  const files = await filesOfDelivery(airlock, 'reports/second.txt', 1);

  expect(files).toContain('shared/pipeline/ingest-object.ts');
  expect(files).toContain('shared/commit/efs-landing.ts');
  expect(files.length, files.join('\n')).toBeLessThanOrEqual(MAX_FILES);
  for (const file of files) {
    const lines = (await readFile(join(PROJECT, file), 'utf8')).split('\n').length - 1;
    expect(lines, file).toBeLessThanOrEqual(MAX_LINES);
  }
});

/** The files in which a function was called for one upload, `index` batches after the first. */
async function filesOfDelivery(
  airlock: Airlock,
  key: string,
  index: number,
): Promise<readonly string[]> {
  await airlock.upload(key, 'a few clean words');
  await airlock.noticeOf(key, 'delivered');
  const batches = await until(
    async () => (await ingestLog(airlock)).filter((line) => 'calledFiles' in line),
    ({ length }) => length > index,
  );
  return batches[index]?.['calledFiles'] as readonly string[];
}
