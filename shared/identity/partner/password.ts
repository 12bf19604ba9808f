import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';

/**
 * One guess costs about 16 MiB and 100 ms of one CPU (measured on a 2-core machine). One of the
 * settings of equal strength that OWASP lists as the minimum for scrypt, chosen to leave memory for
 * several logins at once in a small function.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
export const SCRYPT = { N: 16_384, r: 8, p: 5 } as const;

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** scrypt needs 128 * N * r bytes plus p blocks; Node's default limit is 32 MiB. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

const bytes = (count: number) =>
  v.pipe(
    v.string('must be text; set the password again with `partner set-password`'),
    v.check(
      (text) => Buffer.from(text, 'base64').length === count && /^[A-Za-z0-9+/]+=*$/.test(text),
      `must be ${count} bytes in base64; set the password again with \`partner set-password\``,
    ),
  );

const parameter = <const Value extends number>(value: Value) =>
  v.literal(value, `must be ${value}; set the password again with \`partner set-password\``);

/**
 * A stored password. The parameters are stored with the hash, in case they change one day; until
 * then only these are accepted, because a login must take the same time for every name, known or not.
 */
export const PasswordHash = v.strictObject({
  algorithm: v.literal(
    'scrypt',
    'must be "scrypt"; set the password again with `partner set-password`',
  ),
  N: parameter(SCRYPT.N),
  r: parameter(SCRYPT.r),
  p: parameter(SCRYPT.p),
  salt: bytes(SALT_BYTES),
  hash: bytes(HASH_BYTES),
});
export type PasswordHash = v.InferOutput<typeof PasswordHash>;

/** Used for an unknown partner, or one without a password: the same work, never a match. */
const NOBODY: PasswordHash = {
  algorithm: 'scrypt',
  ...SCRYPT,
  salt: Buffer.alloc(SALT_BYTES).toString('base64'),
  hash: Buffer.alloc(HASH_BYTES).toString('base64'),
};

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt);
  return {
    algorithm: 'scrypt',
    ...SCRYPT,
    salt: salt.toString('base64'),
    hash: hash.toString('base64'),
  };
}

/** Takes the same time whatever the outcome, even without a stored hash. */
export async function isPassword(
  password: string,
  stored: PasswordHash | undefined,
): Promise<boolean> {
  const { salt, hash } = stored ?? NOBODY;
  const derived = await derive(password, Buffer.from(salt, 'base64'));
  const isSame = timingSafeEqual(derived, Buffer.from(hash, 'base64'));
  return isSame && stored !== undefined;
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  const { N, r, p } = SCRYPT;
  const options = { N, r, p, maxmem: MAX_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
