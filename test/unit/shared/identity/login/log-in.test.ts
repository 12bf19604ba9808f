import { expect, test } from 'vitest';
import { logIn } from '../../../../../shared/identity/login/log-in.ts';
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

/** One login, with its log lines and the number of password checks. */
async function attempt(request: Partial<LoginRequest>, found: Partner | PartnerLookup | Error) {
  const lines: string[] = [];
  let checkCount = 0;
  const answer = await logIn(aLogin(request), {
    directory: {
      async find() {
        if (found instanceof Error) throw found;
        return 'kind' in found ? found : { kind: 'partner', partner: found };
      },
    },
    async checkPassword(_name, given, stored) {
      checkCount++;
      return given === SECRET && stored !== undefined;
    },
    settings: loginSettings,
    log: createLog((line) => lines.push(line)),
    now: () => 0,
  });
  return { answer, checkCount, log: lines.join('\n') };
}

test('every login by password costs one check, for any name and any result', async () => {
  const cases: [Partial<LoginRequest>, Partner | PartnerLookup][] = [
    [{ password: SECRET }, partner],
    [{ password: 'wrong' }, partner],
    [{ password: SECRET }, { ...partner, enabled: false }],
    [
      { password: SECRET, sourceIp: '::1' },
      { ...partner, allowedNetworks: ['192.0.2.0/24'] },
    ],
    [{ password: SECRET, protocol: 'FTP' }, partner],
    [{ password: 'wrong' }, aPartner()],
    [{ password: 'wrong' }, { kind: 'nobody' }],
    [{ password: 'wrong', username: '../../etc' }, { kind: 'nobody' }],
    [{ password: 'wrong' }, { kind: 'invalid', problems: [] }],
  ];
  for (const [request, found] of cases) {
    expect((await attempt(request, found)).checkCount).toBe(1);
  }
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
