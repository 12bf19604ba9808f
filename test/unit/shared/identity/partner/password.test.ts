import { expect, test } from 'vitest';
import {
  hashPassword,
  isPassword,
  SCRYPT,
} from '../../../../../shared/identity/partner/password.ts';

/** A check takes 100 ms by design, and a second on a busy machine. */
const PATIENCE_MS = 60_000;

test(
  'only the right password matches, and none matches where none is stored',
  async () => {
    const stored = await hashPassword('correct horse');
    expect(await isPassword('correct horse', stored)).toBe(true);
    expect(await isPassword('correct horse ', stored)).toBe(false);
    expect(await isPassword('', stored)).toBe(false);
    expect(await isPassword('correct horse', undefined)).toBe(false);
    expect(await isPassword('', undefined)).toBe(false);
  },
  PATIENCE_MS,
);

test(
  'the same password is stored differently each time, with its parameters',
  async () => {
    const [one, other] = await Promise.all([hashPassword('same'), hashPassword('same')]);
    expect(one).toMatchObject({ algorithm: 'scrypt', ...SCRYPT });
    expect(one.salt).not.toBe(other.salt);
    expect(one.hash).not.toBe(other.hash);
  },
  PATIENCE_MS,
);

test(
  'it does not matter how a client encodes an umlaut',
  async () => {
    const stored = await hashPassword('M\u00fcnchen');
    expect(await isPassword('Mu\u0308nchen', stored)).toBe(true);
  },
  PATIENCE_MS,
);
