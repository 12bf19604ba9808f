import { expect, test } from 'vitest';
import { PasswordMemory } from '../../../../../shared/identity/login/password-memory.ts';
import { hashPassword } from '../../../../../shared/identity/partner/password.ts';

const stored = await hashPassword('right');

test('a password is remembered for a while', () => {
  const clock = { now: 0 };
  const memory = new PasswordMemory({ forMs: 1000, now: () => clock.now });
  expect(memory.has('acme', 'right', stored)).toBe(false);
  memory.add('acme', 'right', stored);
  clock.now = 999;
  expect(memory.has('acme', 'right', stored)).toBe(true);
  clock.now = 1000;
  expect(memory.has('acme', 'right', stored)).toBe(false);
});

test('it is not taken for another, for another partner, nor once the password was changed', async () => {
  const memory = new PasswordMemory({ forMs: 1000 });
  memory.add('acme', 'right', stored);
  expect(memory.has('acme', 'right ', stored)).toBe(false);
  expect(memory.has('other', 'right', stored)).toBe(false);
  expect(memory.has('acme', 'right', await hashPassword('right'))).toBe(false);
});

test('the oldest passwords are forgotten first', () => {
  const memory = new PasswordMemory({ forMs: 1000, now: () => 0 });
  for (let count = 0; count <= 1000; count++) memory.add(`partner-${count}`, 'right', stored);
  expect(memory.has('partner-0', 'right', stored)).toBe(false);
  expect(memory.has('partner-1', 'right', stored)).toBe(true);
});
