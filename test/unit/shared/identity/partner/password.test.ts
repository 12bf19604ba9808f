import { expect, test } from 'vitest';
import {
  hashPassword,
  isPassword,
  SCRYPT,
} from '../../../../../shared/identity/partner/password.ts';
import { rememberingPasswordCheck } from '../../../../../shared/identity/login/password-check.ts';

test('only the right password matches, and none matches where none is stored', async () => {
  const stored = await hashPassword('correct horse');
  expect(await isPassword('correct horse', stored)).toBe(true);
  expect(await isPassword('correct horse ', stored)).toBe(false);
  expect(await isPassword('', stored)).toBe(false);
  expect(await isPassword('correct horse', undefined)).toBe(false);
  expect(await isPassword('', undefined)).toBe(false);
});

test('the same password is stored differently each time, with its parameters', async () => {
  const [one, other] = await Promise.all([hashPassword('same'), hashPassword('same')]);
  expect(one).toMatchObject({ algorithm: 'scrypt', ...SCRYPT });
  expect(one.salt).not.toBe(other.salt);
  expect(one.hash).not.toBe(other.hash);
});

test('it does not matter how a client encodes an umlaut', async () => {
  const stored = await hashPassword('M\u00fcnchen');
  expect(await isPassword('Mu\u0308nchen', stored)).toBe(true);
});

/** Counts the checks that cost 100 ms. */
async function counted() {
  const stored = await hashPassword('right');
  const calls: unknown[] = [];
  const clock = { now: 0 };
  const check = rememberingPasswordCheck({
    forMs: 1000,
    now: () => clock.now,
    check: async (password, hash) => {
      calls.push(hash);
      return password === 'right' && hash !== undefined;
    },
  });
  return { stored, calls, clock, check };
}

test('a right password is checked once and then cached for a while', async () => {
  const { stored, calls, clock, check } = await counted();
  expect(await check('acme', 'right', stored)).toBe(true);
  expect(await check('acme', 'right', stored)).toBe(true);
  expect(calls).toHaveLength(1);
  clock.now = 1000;
  expect(await check('acme', 'right', stored)).toBe(true);
  expect(calls).toHaveLength(2);
});

test('wrong passwords, unknown names and partners without a password cost one check each time', async () => {
  const { stored, calls, check } = await counted();
  await check('acme', 'right', stored);
  calls.length = 0;
  for (const [name, hash] of [
    ['acme', stored],
    ['nobody', undefined],
    ['acme', stored],
    ['nobody', undefined],
  ] as const) {
    expect(await check(name, 'wrong', hash)).toBe(false);
  }
  expect(calls).toHaveLength(4);
});

test('a cached password is not accepted for another partner, nor once it was changed', async () => {
  const { stored, check } = await counted();
  await check('acme', 'right', stored);
  expect(await check('acme', 'right', undefined)).toBe(false);
  expect(await check('other', 'right', undefined)).toBe(false);
  const renewed = await hashPassword('new');
  const real = rememberingPasswordCheck({ forMs: 1000 });
  expect(await real('acme', 'right', stored)).toBe(true);
  expect(await real('acme', 'right', renewed)).toBe(false);
});
