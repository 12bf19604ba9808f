import { expect, test } from 'vitest';
import { mayStart } from '../../../../shared/decide/deadline.ts';

test.each([
  ['a small file with much time', 1_000, 300_000, true],
  ['a small file with two seconds', 1_000, 2_100, true],
  ['a small file with one second', 1_000, 1_000, false],
  ['1 GB with two minutes', 1e9, 120_000, true],
  ['1 GB with half a minute', 1e9, 30_000, false],
  ['what may never fit, at the start', 1e12, 299_000, true],
  ['what may never fit, later', 1e12, 200_000, false],
])('%s', (_what, sizeBytes, remainingMs, expected) => {
  expect(mayStart(sizeBytes, remainingMs, 300_000)).toBe(expected);
});
