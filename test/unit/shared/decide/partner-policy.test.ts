import { expect, test } from 'vitest';
import { admitByPolicy, handlingOf } from '../../../../shared/decide/partner-policy.ts';
import { SAFE_POLICY } from '../../../../shared/model/partner-policy.ts';

const admitted = { kind: 'admit' };
const refused = (words: string) => ({
  kind: 'refuse',
  reason: expect.stringContaining(words),
});

test('without a policy everything comes in, and nothing unscannable is delivered', () => {
  expect(admitByPolicy(SAFE_POLICY, 'acme/a.exe', 1e12)).toEqual(admitted);
  expect(handlingOf(SAFE_POLICY, 'encrypted')).toBe('hold');
});

test('a file may be as large as the policy says, and no larger', () => {
  const policy = { unscannable: {}, maxSizeBytes: 10 };
  expect(admitByPolicy(policy, 'a', 10)).toEqual(admitted);
  expect(admitByPolicy(policy, 'a', 11)).toEqual(refused('11 bytes'));
});

test('endings count whatever their case, with all their dots', () => {
  const policy = { unscannable: {}, allowedExtensions: ['.csv', '.tar.gz'] };
  expect(admitByPolicy(policy, 'acme/A.CSV', 1)).toEqual(admitted);
  expect(admitByPolicy(policy, 'acme/a.tar.gz', 1)).toEqual(admitted);
  expect(admitByPolicy(policy, 'acme/a.gz', 1)).toEqual(refused('.csv, .tar.gz'));
  expect(admitByPolicy(policy, 'acme/csv', 1)).toEqual(refused('.csv, .tar.gz'));
  expect(admitByPolicy(policy, 'acme.csv/a', 1)).toEqual(refused('.csv, .tar.gz'));
});

test('a refused ending is refused also where it is allowed, too', () => {
  const policy = {
    unscannable: {},
    allowedExtensions: ['.zip', '.exe'],
    refusedExtensions: ['.exe'],
  };
  expect(admitByPolicy(policy, 'a.zip', 1)).toEqual(admitted);
  expect(admitByPolicy(policy, 'a.Exe', 1)).toEqual(refused('.exe'));
});

test('each reason is handled as the policy says', () => {
  const policy = { unscannable: { encrypted: 'deliver', limit: 'hold' } } as const;
  expect(handlingOf(policy, 'encrypted')).toBe('deliver');
  expect(handlingOf(policy, 'limit')).toBe('hold');
  expect(handlingOf(policy, 'oversize')).toBe('hold');
});
