import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../../gateway/ssh/limits/limits.ts';
import { NameGuard } from '../../../../../gateway/ssh/limits/name-guard.ts';

const LIMITS = { ...DEFAULT_LIMITS, failuresPerName: 3, nameDelayMs: 700 };

test('guesses at one name are delayed, from whatever address, until they stop', () => {
  const clock = { now: 0 };
  const guard = new NameGuard(LIMITS, () => clock.now);
  for (let count = 0; count < 3; count++) {
    expect(guard.delayFor('acme', `192.0.2.${count}`)).toBe(0);
    guard.recordFailure('acme');
  }
  expect(guard.delayFor('acme', '198.51.100.1')).toBe(700);
  expect(guard.delayFor('globex', '198.51.100.1')).toBe(0);
  clock.now = LIMITS.failureWindowMs;
  expect(guard.delayFor('acme', '198.51.100.1')).toBe(0);
});

test('a partner is neither refused nor delayed where it has logged in before', () => {
  const guard = new NameGuard(LIMITS, () => 0);
  guard.recordLogin('acme', '192.0.2.7');
  for (let count = 0; count < 100_000; count++) guard.recordFailure('acme');
  expect(guard.delayFor('acme', '192.0.2.7')).toBe(0);
  expect(guard.delayFor('acme', '192.0.2.8')).toBe(700);
});

test('a long name is cut, so that it takes no memory', () => {
  const guard = new NameGuard(LIMITS, () => 0);
  for (let count = 0; count < 3; count++) guard.recordFailure(`${'x'.repeat(100)}${count}`);
  expect(guard.delayFor('x'.repeat(30_000), '192.0.2.7')).toBe(700);
});
