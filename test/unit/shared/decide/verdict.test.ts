import { expect, test } from 'vitest';
import {
  conclude,
  ENGINE_CEILING_BYTES,
  handlingOf,
  holdBySize,
  judge,
  judgeSize,
  requireFreshSignatures,
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
])('%s means that not everything was scanned', (signature, reason) => {
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

test('an infection outweighs a reason why the rest could not be scanned', () => {
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

test('what is larger is held without being read, unless the policy wants it delivered', () => {
  const held = { kind: 'held', reason: 'oversize', sha256: undefined };
  expect(holdBySize(ENGINE_CEILING_BYTES + 1, SAFE_POLICY, Infinity)).toMatchObject(held);
  expect(holdBySize(ENGINE_CEILING_BYTES, SAFE_POLICY, Infinity)).toBeUndefined();
  const policy = { unscannable: { oversize: 'deliver' } } as const;
  expect(holdBySize(ENGINE_CEILING_BYTES + 1, policy, Infinity)).toBeUndefined();
});

test('what can never be staged is held with that reason, even where the policy wants it delivered', () => {
  const policy = { unscannable: { oversize: 'deliver' } } as const;
  expect(holdBySize(1001, policy, 1000)).toEqual({
    kind: 'held',
    reason: 'oversize',
    detail: "1001 bytes; the ingest's disk has room for 1000",
    sha256: undefined,
  });
  expect(holdBySize(1000, policy, 1000)).toBeUndefined();
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

test('each reason is handled as the policy says', () => {
  const policy = { unscannable: { encrypted: 'deliver', limit: 'hold' } } as const;
  expect(handlingOf(policy, 'encrypted')).toBe('deliver');
  expect(handlingOf(policy, 'limit')).toBe('hold');
  expect(handlingOf(policy, 'oversize')).toBe('hold');
});

const HOUR_MS = 3_600_000;
const ENGINE = 'ClamAV 1.4.6/27500/Sat Nov 21 08:00:00 2026';
const BUILT_AT = Date.UTC(2026, 10, 21, 8);
const CLEAN = { kind: 'clean' } as const;

test('a clean file passes while the signatures are at most as old as the limit', () => {
  const maxAgeMs = 24 * HOUR_MS;
  expect(requireFreshSignatures(CLEAN, ENGINE, BUILT_AT + maxAgeMs, maxAgeMs)).toEqual(CLEAN);
  expect(requireFreshSignatures(CLEAN, ENGINE, BUILT_AT + maxAgeMs + 1, maxAgeMs)).toEqual({
    kind: 'unscannable',
    reason: 'stale-signatures',
    detail: 'the signatures were built 2026-11-21T08:00:00.000Z, and may be 24 hours old',
  });
});

test('signatures without a date count as too old', () => {
  expect(requireFreshSignatures(CLEAN, 'ClamAV 1.4.6', BUILT_AT, HOUR_MS)).toMatchObject({
    reason: 'stale-signatures',
    detail: 'the signatures were built at an unknown time, and may be 1 hours old',
  });
});

test('without a limit any age is accepted', () => {
  expect(requireFreshSignatures(CLEAN, 'ClamAV 1.4.6', BUILT_AT, undefined)).toEqual(CLEAN);
});

test('what old signatures find still counts', () => {
  const infected = { kind: 'infected', signature: 'Eicar' } as const;
  expect(requireFreshSignatures(infected, ENGINE, BUILT_AT + 999 * HOUR_MS, HOUR_MS)).toEqual(
    infected,
  );
});
