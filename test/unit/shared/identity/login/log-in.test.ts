import { describe, expect, test } from 'vitest';
import { GuessWindow } from '../../../../../shared/identity/login/guess-window.ts';
import { logIn } from '../../../../../shared/identity/login/log-in.ts';
import { PasswordMemory } from '../../../../../shared/identity/login/password-memory.ts';
import type { Partner } from '../../../../../shared/identity/partner/partner.ts';
import type { PartnerLookup } from '../../../../../shared/identity/partner/partner-directory.ts';
import { hashPassword } from '../../../../../shared/identity/partner/password.ts';
import type { LoginRequest } from '../../../../../shared/identity/login/transfer-login.ts';
import { createLog } from '../../../../../shared/platform/log.ts';
import { aKeyPair, aLogin, aPartner, loginSettings } from '../../../../support/partners.ts';

const SECRET = 'hunter2hunter2';
const password = await hashPassword(SECRET);
const { publicKey } = aKeyPair();
const partner = aPartner({ password, publicKeys: [{ key: publicKey, comment: '' }] });

type Found = Partner | PartnerLookup | Error;

/** An identity provider that counts the password checks, which are what takes time. */
function aProvider(guesses?: GuessWindow) {
  const memory = new PasswordMemory({ forMs: 1000, now: () => 0 });
  return async (request: Partial<LoginRequest>, found: Found) => {
    const lines: string[] = [];
    let checkCount = 0;
    const answer = await logIn(aLogin(request), {
      directory: {
        async find() {
          if (found instanceof Error) throw found;
          return 'kind' in found ? found : { kind: 'partner', partner: found };
        },
      },
      async checkPassword(given, stored) {
        checkCount++;
        return given === SECRET && stored !== undefined;
      },
      memory,
      guesses,
      settings: loginSettings,
      log: createLog((line) => lines.push(line)),
      now: () => 0,
    });
    return { answer, checkCount, log: lines.join('\n') };
  };
}

/** One login, with its log lines and the number of password checks. */
function attempt(request: Partial<LoginRequest>, found: Found) {
  return aProvider()(request, found);
}

const elsewhere = { ...partner, allowedNetworks: ['192.0.2.0/24'] };
const homeDirectories = Array.from({ length: 40 }, (_, index) => ({
  entry: `/home-${index}`,
  target: `/\${inbox}/acme/${'x'.repeat(60)}-${index}`,
}));

/** Every kind of login by password that is denied. */
const DENIALS: readonly (readonly [string, Partial<LoginRequest>, Found])[] = [
  ['a wrong password', { password: 'wrong' }, partner],
  ['a right password of a disabled partner', { password: SECRET }, { ...partner, enabled: false }],
  ['a right password from elsewhere', { password: SECRET, sourceIp: '::1' }, elsewhere],
  ['a right password over another protocol', { password: SECRET, protocol: 'FTP' }, partner],
  [
    'a right password with a policy that is too long',
    { password: SECRET },
    { ...partner, homeDirectories },
  ],
  ['a wrong password of a disabled partner', { password: 'wrong' }, { ...partner, enabled: false }],
  ['a partner without a password', { password: SECRET }, aPartner()],
  ['an unknown name', { password: SECRET }, { kind: 'nobody' }],
  ['a name that is none', { password: SECRET, username: '../../etc' }, { kind: 'nobody' }],
  ['an invalid document', { password: SECRET }, { kind: 'invalid', problems: [] }],
  ['an unreadable document', { password: SECRET }, new Error('no answer from S3')],
];

test.each(DENIALS)(
  'each denied login costs one check, however often it is repeated: %s',
  async (_what, request, found) => {
    const login = aProvider();
    for (let count = 0; count < 100; count++) {
      const { answer, checkCount } = await login(request, found);
      expect([answer, checkCount]).toEqual([{}, 1]);
    }
  },
);

test.each(DENIALS)(
  'and also after the partner itself has logged in with its password: %s',
  async (_what, request, found) => {
    const login = aProvider();
    expect((await login({ password: SECRET }, partner)).answer).toHaveProperty('Role');
    expect(await login(request, found)).toMatchObject({ answer: {}, checkCount: 1 });
  },
);

test('a denied login does not make a later one faster', async () => {
  const login = aProvider();
  await login({ password: SECRET }, { ...partner, enabled: false });
  expect(await login({ password: SECRET }, partner)).toMatchObject({ checkCount: 1 });
});

test('a password that let a partner in is not checked again for a while', async () => {
  const login = aProvider();
  const costs = [];
  for (let count = 0; count < 3; count++) {
    costs.push((await login({ password: SECRET }, partner)).checkCount);
  }
  expect(costs).toEqual([1, 0, 0]);
  const renewed = { ...partner, password: await hashPassword('another password') };
  expect(await login({ password: SECRET }, renewed)).toMatchObject({ checkCount: 1 });
});

describe('guesses from one address', () => {
  const window = () => new GuessWindow({ max: 3, windowMs: 1000, now: () => 0 });
  const wrong = { password: 'wrong' };

  test('are denied unchecked beyond the limit, right or wrong, and other addresses are not', async () => {
    const login = aProvider(window());
    for (let count = 0; count < 3; count++) await login(wrong, partner);
    for (const request of [wrong, { password: SECRET }]) {
      const { answer, checkCount, log } = await login(request, partner);
      expect([answer, checkCount]).toEqual([{}, 0]);
      expect(JSON.parse(log)).toMatchObject({ level: 'warn', reason: 'too-many-guesses' });
    }
    const other = { password: SECRET, sourceIp: '198.51.100.1' };
    expect((await login(other, partner)).answer).toHaveProperty('Role');
  });

  test('count when they are made at once', async () => {
    const login = aProvider(window());
    const burst = await Promise.all(Array.from({ length: 20 }, () => login(wrong, partner)));
    expect(burst.filter(({ checkCount }) => checkCount > 0)).toHaveLength(3);
  });

  test('are only those that were wrong, and never keys', async () => {
    const login = aProvider(window());
    for (let count = 0; count < 10; count++) {
      expect((await login({ password: SECRET }, partner)).answer).toHaveProperty('Role');
      expect((await login({}, partner)).answer).toHaveProperty('PublicKeys');
      expect((await login({}, { kind: 'nobody' })).answer).toEqual({});
    }
  });
});

test('a login by key checks no password', async () => {
  const { answer, checkCount } = await attempt({}, partner);
  expect(checkCount).toBe(0);
  expect(answer).toMatchObject({ PublicKeys: [publicKey] });
});

test('a denial is an empty answer, and the log says who, from where and why', async () => {
  const { answer, log } = await attempt({ password: 'wrong' }, partner);
  expect(answer).toEqual({});
  expect(JSON.parse(log)).toMatchObject({
    level: 'warn',
    event: 'login denied',
    username: 'acme',
    sourceIp: '192.0.2.7',
    protocol: 'SFTP',
    method: 'password',
    reason: 'wrong-password',
  });
});

test('if the directory cannot be read, the login is denied, and an error is logged', async () => {
  for (const given of [SECRET, '']) {
    const { answer, log } = await attempt({ password: given }, new Error('no answer from S3'));
    expect(answer).toEqual({});
    expect(JSON.parse(log)).toMatchObject({
      level: 'error',
      reason: 'partner-unreadable',
      error: 'no answer from S3',
    });
  }
});

test('nothing secret is logged: no password, right or wrong, no hash, no policy', async () => {
  for (const request of [{ password: SECRET }, { password: 'a wrong guess' }, {}]) {
    const { log } = await attempt(request, partner);
    for (const secret of [SECRET, 'a wrong guess', password.hash, password.salt, 'arn:aws:s3']) {
      expect(log).not.toContain(secret);
    }
  }
});

test('an overlong name is truncated in the log, and cannot forge a line', async () => {
  const username = `x\n{"level":"info","event":"login allowed"}${'y'.repeat(100_000)}`;
  const { log } = await attempt({ username, password: 'x' }, { kind: 'nobody' });
  expect(log.split('\n')).toHaveLength(1);
  expect(log.length).toBeLessThan(500);
});
