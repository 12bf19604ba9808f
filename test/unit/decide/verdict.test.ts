import { expect, test } from 'vitest';
import {
  conclude,
  ENGINE_CEILING_BYTES,
  judge,
  judgeSize,
} from '../../../shared/decide/verdict.ts';

test('only OK is clean', () => {
  expect(judge({ reply: 'ok' })).toEqual({ verdict: 'clean' });
});

test.each([
  ['Heuristics.Limits.Exceeded.MaxFileSize', 'limit'],
  ['Heuristics.Limits.Exceeded.MaxRecursion', 'limit'],
  ['Heuristics.Limits.Exceeded', 'limit'],
  ['Heuristics.Encrypted.Zip', 'encrypted'],
  ['Heuristics.Encrypted.PDF', 'encrypted'],
])('%s means that not everything was looked at', (signature, reason) => {
  expect(judge({ reply: 'found', signature })).toEqual({
    verdict: 'unscannable',
    reason,
    detail: signature,
  });
});

test.each(['Win.Test.EICAR_HDB-1', 'Heuristics.Broken.Executable', 'Heuristics.Phishing.Email'])(
  '%s is an infection',
  (signature) => {
    expect(judge({ reply: 'found', signature })).toEqual({ verdict: 'infected', signature });
  },
);

test('what is larger than the engine reads is unscannable before it is downloaded', () => {
  expect(judgeSize(ENGINE_CEILING_BYTES)).toBeUndefined();
  expect(judgeSize(ENGINE_CEILING_BYTES + 1)).toMatchObject({
    verdict: 'unscannable',
    reason: 'oversize',
  });
});

test('each verdict has one ending', () => {
  const facts = { landingPath: 'a', sha256: 'ff' };
  expect(conclude({ verdict: 'clean' }, facts)).toEqual({ outcome: 'delivered', ...facts });
  expect(conclude({ verdict: 'infected', signature: 'X' }, facts)).toEqual({
    outcome: 'quarantined',
    signature: 'X',
    sha256: 'ff',
  });
  const unscannable = { verdict: 'unscannable', reason: 'encrypted', detail: 'Y' } as const;
  expect(conclude(unscannable, facts)).toEqual({
    outcome: 'held',
    reason: 'encrypted',
    detail: 'Y',
    sha256: 'ff',
  });
});
