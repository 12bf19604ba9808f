import { expect, test } from 'vitest';
import {
  conclude,
  ENGINE_CEILING_BYTES,
  handlingOf,
  holdBySize,
  inMember,
  judgeReply,
  judgeSize,
  requireFreshSignatures,
  worse,
} from '../../../../shared/decide/verdict.ts';
import { SAFE_POLICY } from '../../../../shared/model/partner-policy.ts';

test('only OK is clean', () => {
  expect(judgeReply({ kind: 'ok' })).toEqual({ kind: 'clean' });
});

test.each([
  ['Heuristics.Limits.Exceeded.MaxFileSize', 'limit'],
  ['Heuristics.Limits.Exceeded.MaxRecursion', 'limit'],
  ['Heuristics.Limits.Exceeded', 'limit'],
  ['Heuristics.XZ.DicSizeLimit', 'limit'],
  ['Heuristics.Encrypted.Zip', 'encrypted'],
  ['Heuristics.Encrypted.PDF', 'encrypted'],
  ['Heuristics.Broken.Executable', 'heuristic'],
  ['Heuristics.Phishing.Email.SpoofedDomain', 'heuristic'],
])('%s is no signature: the file is held as %s', (signature, reason) => {
  expect(judgeReply({ kind: 'found', signature })).toEqual({
    kind: 'unscannable',
    reason,
    detail: signature,
  });
});

test.each(['Win.Test.EICAR_HDB-1', 'PUA.Win.Tool.Heuristics', 'heuristics.lower'])(
  '%s is an infection',
  (signature) => {
    expect(judgeReply({ kind: 'found', signature })).toEqual({ kind: 'infected', signature });
  },
);

const clean = { kind: 'clean' } as const;
const infected = { kind: 'infected', signature: 'X' } as const;
const unscannable = { kind: 'unscannable', reason: 'archive-method', detail: 'LZMA' } as const;
const heuristic = { kind: 'unscannable', reason: 'heuristic', detail: 'Heuristics.A' } as const;

test('of two parts the graver decides: infected, then not scanned, then suspicious', () => {
  const rising = [clean, heuristic, unscannable, infected];
  for (const [index, graver] of rising.entries()) {
    for (const other of rising.slice(0, index)) {
      expect(worse(other, graver)).toBe(graver);
      expect(worse(graver, other)).toBe(graver);
    }
  }
});

test('of two parts that could not be scanned the first is named', () => {
  const second = { ...unscannable, detail: 'PPMd' };
  expect(worse(unscannable, second)).toBe(unscannable);
});

test('a verdict about a member names the way to it', () => {
  expect(inMember(inMember(infected, 'b.com'), 'a.zip')).toEqual({
    ...infected,
    member: 'a.zip > b.com',
  });
  expect(inMember(clean, 'a.zip')).toEqual(clean);
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
  expect(requireFreshSignatures(infected, ENGINE, BUILT_AT + 999 * HOUR_MS, HOUR_MS)).toEqual(
    infected,
  );
});
