import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { archiveInspector } from '../../shared/scan/archive/archive-inspector.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { CORPUS } from './corpus/corpus.ts';
import { verdictsPage, VERDICTS_PAGE } from './corpus/page.ts';
import { HELLO } from './corpus/sample.ts';
import { zip } from './corpus/zip.ts';

const samples = CORPUS.flatMap((chapter) => chapter.samples);

async function inspecting(content: Buffer, signal = AbortSignal.timeout(10_000)) {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'file');
  await writeFile(path, content);
  return await archiveInspector().inspect(path, signal);
}

test('docs/verdicts.md is up to date (else: npm run docs:verdicts)', async () => {
  expect(await readFile(VERDICTS_PAGE, 'utf8')).toBe(verdictsPage());
});

test('the names of the files are unique', () => {
  expect(new Set(samples.map(({ name }) => name)).size).toBe(samples.length);
});

test('an inspection does not start after the signal has fired', async () => {
  await expect(
    inspecting(zip([{ name: 'a', data: HELLO }]), AbortSignal.abort()),
  ).rejects.toMatchObject({ code: 'DEADLINE_NEAR', disposition: 'retry' });
});

test('a running inspection ends when the signal fires', async () => {
  const large = zip([{ name: 'a', data: Buffer.alloc(200_000_000) }]);
  const startedAt = performance.now();
  await expect(inspecting(large, AbortSignal.timeout(50))).rejects.toMatchObject({
    code: 'DEADLINE_NEAR',
  });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('a file that cannot be read is an error, not a finding', async () => {
  const signal = AbortSignal.timeout(10_000);
  await expect(archiveInspector().inspect('/nonexistent/file', signal)).rejects.toThrow(/ENOENT/);
});

test('a zip truncated anywhere is a finding', async () => {
  const whole = zip([
    { name: 'a.txt', data: HELLO },
    { name: 'b.txt', data: HELLO, descriptor: 'signed' },
  ]);
  for (let length = 6; length < whole.length; length += 1) {
    expect(await inspecting(whole.subarray(0, length)), `${length} bytes`).toMatchObject({
      kind: 'unscannable',
      finding: { reason: 'archive-structure' },
    });
  }
});

test('whichever byte of a zip is wrong, the inspection gives a result', async () => {
  const whole = zip([
    { name: 'a.txt', data: HELLO },
    { name: 'b.txt', data: HELLO, descriptor: 'signed' },
  ]);
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0xff;
    const finding = await inspecting(changed);
    expect(finding === undefined || finding.kind.length > 0).toBe(true);
  }
});
