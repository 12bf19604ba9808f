import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClamd, type Clamd } from '../../local/clamd/clamd.ts';
import { chooseSignatures } from '../../local/clamd/signatures.ts';
import { openers } from '../../shared/open/openers.ts';
import { judgeFile } from '../../shared/pipeline/judge-file.ts';
import { archiveInspector } from '../../shared/scan/archive/archive-inspector.ts';
import { clamdScanner } from '../../shared/scan/clamd/clamd-scanner.ts';
import type { Scanner } from '../../shared/scan/scanner.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { CORPUS } from './corpus/corpus.ts';
import type { Sample } from './corpus/sample.ts';

/** No file of the corpus may take longer. */
const MAX_SCAN_MS = 20_000;

let directory: TemporaryDirectory;
let clamd: Clamd;
let scanner: Scanner;
const inspector = archiveInspector();
const opener = openers();

beforeAll(async () => {
  directory = await temporaryDirectory();
  clamd = await startClamd({
    directory: join(directory.path, 'clamd'),
    logFile: join(directory.path, 'clamd.log'),
    signatures: await chooseSignatures('test'),
    maxScanTimeMs: MAX_SCAN_MS,
    abandonedAfterMs: 2 * MAX_SCAN_MS,
    onRestart: () => {},
  });
  scanner = clamdScanner(clamd.socket);
});
afterAll(async () => {
  await clamd?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

async function verdictOf({ name, content }: Sample): Promise<Sample['verdict']> {
  const path = join(directory.path, name);
  await writeFile(path, content());
  const given = await judgeFile(path, AbortSignal.timeout(MAX_SCAN_MS), {
    inspector,
    scanner,
    opener,
  });
  return given.kind === 'unscannable' ? given.reason : given.kind;
}

describe.each(CORPUS)('$title', ({ samples }) => {
  test.each(samples)('$name ($what) is $verdict', async (sample) => {
    expect(await verdictOf(sample)).toBe(sample.verdict);
  });
});
