import { expect, test } from 'vitest';
import {
  conclude,
  ENGINE_CEILING_BYTES,
  judge,
  judgeSize,
} from '../../../../shared/decide/verdict.ts';
import { SAFE_POLICY } from '../../../../shared/model/partner-policy.ts';

test('only OK is clean', () => {
  expect(judge({ kind: 'ok' }, undefined)).toEqual({ kind: 'clean' });
});

test.each([
  ['Heuristics.Limits.Exceeded.MaxFileSize', 'limit'],
  ['Heuristics.Limits.Exceeded.MaxRecursion', 'limit'],
  ['Heuristics.Limits.Exceeded', 'limit'],
  ['Heuristics.Encrypted.Zip', 'encrypted'],
  ['Heuristics.Encrypted.PDF', 'encrypted'],
])('%s means that not everything was looked at', (signature, reason) => {
  expect(judge({ kind: 'found', signature }, undefined)).toEqual({
    kind: 'unscannable',
    reason,
    detail: signature,
  });
});

test.each(['Win.Test.EICAR_HDB-1', 'Heuristics.Broken.Executable', 'Heuristics.Phishing.Email'])(
  '%s is an infection',
  (signature) => {
    expect(judge({ kind: 'found', signature }, undefined)).toEqual({
      kind: 'infected',
      signature,
    });
  },
);

const finding = { reason: 'archive-method', detail: 'LZMA', askEngine: true } as const;
const unscannable = { kind: 'unscannable', reason: 'archive-method', detail: 'LZMA' } as const;

test('OK is not enough where the inspection found something', () => {
  expect(judge({ kind: 'ok' }, finding)).toEqual(unscannable);
});

test('an infection outweighs what kept the engine from looking at the rest', () => {
  expect(judge({ kind: 'found', signature: 'X' }, finding)).toMatchObject({ kind: 'infected' });
  const signature = 'Heuristics.Limits.Exceeded.MaxFiles';
  expect(judge({ kind: 'found', signature }, finding)).toEqual(unscannable);
});

test('without an answer from the engine nothing is clean', () => {
  expect(judge(undefined, { ...finding, askEngine: false })).toEqual(unscannable);
  expect(judge(undefined, undefined)).toMatchObject({ kind: 'unscannable' });
});

test('what is larger than the engine reads is unscannable before it is downloaded', () => {
  expect(judgeSize(ENGINE_CEILING_BYTES)).toBeUndefined();
  expect(judgeSize(ENGINE_CEILING_BYTES + 1)).toMatchObject({
    kind: 'unscannable',
    reason: 'oversize',
  });
});

test('each verdict has one ending', () => {
  const facts = { landingPath: 'a', sha256: 'ff' };
  expect(conclude({ kind: 'clean' }, facts, SAFE_POLICY)).toEqual({
    kind: 'delivered',
    ...facts,
  });
  expect(conclude({ kind: 'infected', signature: 'X' }, facts, SAFE_POLICY)).toEqual({
    kind: 'quarantined',
    signature: 'X',
    sha256: 'ff',
  });
  const held = { kind: 'unscannable', reason: 'encrypted', detail: 'Y' } as const;
  expect(conclude(held, facts, SAFE_POLICY)).toEqual({
    kind: 'held',
    reason: 'encrypted',
    detail: 'Y',
    sha256: 'ff',
  });
});

test('what could not be scanned is delivered only where the policy says so for that reason', () => {
  const facts = { landingPath: 'a', sha256: 'ff' };
  const encrypted = { kind: 'unscannable', reason: 'encrypted', detail: 'Y' } as const;
  const policy = { unscannable: { encrypted: 'deliver' } } as const;
  expect(conclude(encrypted, facts, policy)).toEqual({
    kind: 'delivered',
    ...facts,
    unscanned: 'encrypted: Y',
  });
  expect(conclude({ ...encrypted, reason: 'limit' }, facts, policy).kind).toBe('held');
  const infected = { kind: 'infected', signature: 'X' } as const;
  expect(conclude(infected, facts, policy).kind).toBe('quarantined');
});
