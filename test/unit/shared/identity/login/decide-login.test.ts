import fc from '../../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import { decideLogin, type LoginFacts } from '../../../../../shared/identity/login/decide-login.ts';
import type { Partner } from '../../../../../shared/identity/partner/partner.ts';
import type { LoginRequest } from '../../../../../shared/identity/login/transfer-login.ts';
import { aKeyPair, aLogin, aPartner, loginSettings } from '../../../../support/partners.ts';

const { publicKey } = aKeyPair();
const { publicKey: oldKey } = aKeyPair();
const NOW = Date.parse('2026-11-21T09:00:00Z');
const keys = [
  { key: oldKey, comment: 'old', expiresAt: '2026-11-21T09:00:00Z' },
  { key: publicKey, comment: 'new', expiresAt: '2026-11-21T09:00:01Z' },
];

function decide(
  over: Partial<Partner>,
  isRightPassword: boolean | undefined,
  request: Partial<LoginRequest> = {},
) {
  const facts: LoginFacts = {
    found: { kind: 'partner', partner: aPartner(over) },
    isRightPassword,
    now: NOW,
  };
  return decideLogin(aLogin(request), facts, loginSettings);
}

test('a right password is answered as Transfer requires: without keys', () => {
  const decision = decide({ publicKeys: keys }, true);
  expect(decision).toEqual({
    kind: 'allowed',
    answer: {
      Role: loginSettings.roleArn,
      Policy: expect.any(String),
      HomeDirectoryType: 'LOGICAL',
      HomeDirectoryDetails: '[{"Entry":"/","Target":"/inbox/acme"}]',
    },
  });
});

test('a login by key is answered with the keys that have not expired', () => {
  expect(decide({ publicKeys: keys }, undefined)).toMatchObject({
    kind: 'allowed',
    answer: { PublicKeys: [publicKey], HomeDirectoryType: 'LOGICAL' },
  });
});

test.each([
  ['disabled', { enabled: false }, true, {}],
  ['disabled', { enabled: false, publicKeys: keys }, undefined, {}],
  ['protocol', { protocols: ['SFTP' as const] }, true, { protocol: 'SCP' }],
  ['protocol', {}, true, { protocol: 'FTP' }],
  ['network', { allowedNetworks: ['198.51.100.0/24'] }, true, {}],
  ['network', {}, true, { sourceIp: 'unknown' }],
  ['wrong-password', {}, false, {}],
  ['wrong-password', { publicKeys: keys }, false, {}],
  ['no-valid-key', {}, undefined, {}],
  ['no-valid-key', { publicKeys: [keys[0]!] }, undefined, {}],
])('denied: %s', (reason, over, isRightPassword, request) => {
  expect(decide(over, isRightPassword, request)).toMatchObject({
    kind: 'denied',
    reason,
    isOurs: false,
  });
});

test('an invalid document is the operator’s mistake', () => {
  const tooMany = Array.from({ length: 40 }, (_, index) => ({
    entry: `/${index}`,
    target: `/\${inbox}/${'x'.repeat(60)}-${index}`,
  }));
  expect(decide({ homeDirectories: tooMany }, true)).toMatchObject({
    reason: 'policy-too-long',
    detail: expect.stringContaining('2048'),
    isOurs: true,
  });
  const facts = {
    found: { kind: 'invalid', problems: [{ path: 'space', problem: 'is missing; add it' }] },
    isRightPassword: true,
    now: NOW,
  } as const;
  expect(decideLogin(aLogin(), facts, loginSettings)).toMatchObject({
    reason: 'invalid-document',
    detail: 'space is missing; add it',
    isOurs: true,
  });
});

test('scp is allowed where the partner may use it', () => {
  expect(decide({}, true, { protocol: 'SCP' })).toMatchObject({ kind: 'allowed' });
});

test('a login needs an enabled partner, its network, its protocol and its secret', () => {
  const addresses = ['192.0.2.7', '198.51.100.7', '::1', '', 'x'];
  const anyCase = fc.record({
    enabled: fc.boolean(),
    protocols: fc.subarray(['SFTP', 'SCP'] as const, { minLength: 1 }),
    networks: fc.subarray(['192.0.2.0/24', '::/0'], { minLength: 1 }),
    publicKeys: fc.subarray(keys),
    isRightPassword: fc.constantFrom(true, false, undefined),
    protocol: fc.constantFrom('SFTP', 'SCP', 'FTP', ''),
    sourceIp: fc.constantFrom(...addresses),
  });
  fc.assert(
    fc.property(anyCase, (it) => {
      const isFrom =
        (it.sourceIp === '192.0.2.7' && it.networks.includes('192.0.2.0/24')) ||
        (it.sourceIp === '::1' && it.networks.includes('::/0'));
      const isOver = it.protocols.some((protocol) => protocol === it.protocol);
      const hasKey = it.publicKeys.some(({ comment }) => comment === 'new');
      const isSecret = it.isRightPassword ?? hasKey;
      const { kind } = decide(
        {
          enabled: it.enabled,
          protocols: it.protocols,
          allowedNetworks: it.networks,
          publicKeys: it.publicKeys,
        },
        it.isRightPassword,
        { protocol: it.protocol, sourceIp: it.sourceIp },
      );
      const isAllowed = it.enabled && isFrom && isOver && isSecret;
      expect(kind).toBe(isAllowed ? 'allowed' : 'denied');
    }),
    { numRuns: 2000 },
  );
});

test('a home path is answered as PATH, which Transfer takes only without mappings', () => {
  const decision = decide({ homePath: '/${inbox}/acme' }, true);
  expect(decision).toEqual({
    kind: 'allowed',
    answer: {
      Role: loginSettings.roleArn,
      Policy: expect.stringContaining('inbox/${transfer:UserName}/*'),
      HomeDirectoryType: 'PATH',
      HomeDirectory: '/inbox/acme',
    },
  });
});
