import { expect, test } from 'vitest';
import {
  hashPassword,
  isPassword,
  SCRYPT,
} from '../../../../../shared/identity/partner/password.ts';

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
