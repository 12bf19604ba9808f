import { expect, test } from 'vitest';
import {
  conclude,
  ENGINE_CEILING_BYTES,
  judge,
  judgeSize,
} from '../../../../shared/decide/verdict.ts';
import { SAFE_POLICY } from '../../../../shared/model/partner-policy.ts';

test('only OK is clean', () => {
  expect(judge({ reply: 'ok' }, undefined)).toEqual({ verdict: 'clean' });
});

test.each([
  ['Heuristics.Limits.Exceeded.MaxFileSize', 'limit'],
  ['Heuristics.Limits.Exceeded.MaxRecursion', 'limit'],
  ['Heuristics.Limits.Exceeded', 'limit'],
  ['Heuristics.Encrypted.Zip', 'encrypted'],
  ['Heuristics.Encrypted.PDF', 'encrypted'],
])('%s means that not everything was looked at', (signature, reason) => {
  expect(judge({ reply: 'found', signature }, undefined)).toEqual({
    verdict: 'unscannable',
    reason,
    detail: signature,
  });
});

test.each(['Win.Test.EICAR_HDB-1', 'Heuristics.Broken.Executable', 'Heuristics.Phishing.Email'])(
  '%s is an infection',
  (signature) => {
    expect(judge({ reply: 'found', signature }, undefined)).toEqual({
      verdict: 'infected',
      signature,
    });
  },
);

const finding = { reason: 'archive-method', detail: 'LZMA', askEngine: true } as const;
const unscannable = { verdict: 'unscannable', reason: 'archive-method', detail: 'LZMA' } as const;

test('OK is not enough where the inspection found something', () => {
  expect(judge({ reply: 'ok' }, finding)).toEqual(unscannable);
});

test('an infection outweighs what kept the engine from looking at the rest', () => {
  expect(judge({ reply: 'found', signature: 'X' }, finding)).toMatchObject({ verdict: 'infected' });
  const signature = 'Heuristics.Limits.Exceeded.MaxFiles';
  expect(judge({ reply: 'found', signature }, finding)).toEqual(unscannable);
});

test('without an answer from the engine nothing is clean', () => {
  expect(judge(undefined, { ...finding, askEngine: false })).toEqual(unscannable);
  expect(judge(undefined, undefined)).toMatchObject({ verdict: 'unscannable' });
});

test('what is larger than the engine reads is unscannable before it is downloaded', () => {
  expect(judgeSize(ENGINE_CEILING_BYTES)).toBeUndefined();
  expect(judgeSize(ENGINE_CEILING_BYTES + 1)).toMatchObject({
    verdict: 'unscannable',
    reason: 'oversize',
  });
});

test('each verdict has one ending', () => {
  const facts = { landingPath: 'a', sha256: 'ff' };
  expect(conclude({ verdict: 'clean' }, facts, SAFE_POLICY)).toEqual({
    outcome: 'delivered',
    ...facts,
  });
  expect(conclude({ verdict: 'infected', signature: 'X' }, facts, SAFE_POLICY)).toEqual({
    outcome: 'quarantined',
    signature: 'X',
    sha256: 'ff',
  });
  const held = { verdict: 'unscannable', reason: 'encrypted', detail: 'Y' } as const;
  expect(conclude(held, facts, SAFE_POLICY)).toEqual({
    outcome: 'held',
    reason: 'encrypted',
    detail: 'Y',
    sha256: 'ff',
  });
});

test('what could not be scanned is delivered only where the policy says so for that reason', () => {
  const facts = { landingPath: 'a', sha256: 'ff' };
  const encrypted = { verdict: 'unscannable', reason: 'encrypted', detail: 'Y' } as const;
  const policy = { unscannable: { encrypted: 'deliver' } } as const;
  expect(conclude(encrypted, facts, policy)).toEqual({
    outcome: 'delivered',
    ...facts,
    unscanned: 'encrypted: Y',
  });
  expect(conclude({ ...encrypted, reason: 'limit' }, facts, policy).outcome).toBe('held');
  const infected = { verdict: 'infected', signature: 'X' } as const;
  expect(conclude(infected, facts, policy).outcome).toBe('quarantined');
});
