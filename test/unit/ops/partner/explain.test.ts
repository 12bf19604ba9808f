import { expect, test } from 'vitest';
import { explain, type Question } from '../../../../ops/partner/explain.ts';
import type { Partner } from '../../../../shared/identity/partner/partner.ts';
import { hashPassword } from '../../../../shared/identity/partner/password.ts';
import { aKeyPair, aPartner, loginSettings } from '../../../support/partners.ts';

const password = await hashPassword('whatever it may be');
const key = { key: aKeyPair().publicKey, comment: '', expiresAt: '2026-11-21T00:00:00Z' };
const NOW = Date.parse('2026-11-20T00:00:00Z');

function steps(over: Partial<Partner>, question: Partial<Question> = {}, now = NOW) {
  const asked = { protocol: 'SFTP', from: undefined, put: '/a.csv', sizeBytes: 1, ...question };
  const circumstances = { settings: loginSettings, temporarySuffixes: ['.filepart'], now };
  return explain(aPartner({ password, ...over }), asked, circumstances);
}

/** The step that stops an upload, and why. */
function stop(over: Partial<Partner>, question: Partial<Question> = {}): string {
  const last = steps(over, question).at(-1);
  expect(last?.ok).toBe(false);
  return `${last?.step}: ${last?.words}`;
}

test('an upload that lands passes every step', () => {
  const all = steps({}, { put: '/in/a.csv' });
  expect(all.map(({ step }) => step)).toEqual([
    'login by password',
    'home directory',
    'session policy',
    'admission',
    'policy',
    'scan',
    'landing',
  ]);
  expect(all.every(({ ok }) => ok)).toBe(true);
  expect(all.at(-1)?.words).toContain('acme/in/a.csv below the landing root');
});

test('a folder needs neither policy nor scan', () => {
  expect(steps({}, { put: '/in/', sizeBytes: 0 }).map(({ step }) => step)).toEqual([
    'login by password',
    'home directory',
    'session policy',
    'admission',
    'landing',
  ]);
});

test.each([
  [
    'a foreign network',
    { allowedNetworks: ['192.0.2.0/24'] },
    { from: '198.51.100.7' },
    'network: 198.51.100.7 is not',
  ],
  ['another protocol', {}, { protocol: 'FTP' }, 'protocol: FTP is not among'],
  ['a disabled partner', { enabled: false }, {}, 'disabled'],
  [
    'a path outside the homes',
    { homeDirectories: [{ entry: '/in', target: '/${inbox}/acme' }] },
    {},
    'home directory: /a.csv is in none of them',
  ],
  [
    'another bucket',
    { homeDirectories: [{ entry: '/', target: '/outbound/acme' }] },
    {},
    'inbox: outbound is not the inbox',
  ],
  ['an unsafe name', {}, { put: '/a//b' }, 'admission: refuse: the key has an empty path segment'],
  ['a temporary name', {}, { put: '/a.filepart' }, 'admission: skip: ".filepart" marks'],
  [
    'a refused ending',
    { policy: { unscannable: {}, refusedExtensions: ['.csv'] } },
    {},
    "policy: the partner's policy refuses",
  ],
  [
    'too large a file',
    { policy: { unscannable: {}, maxSizeBytes: 9 } },
    { sizeBytes: 10 },
    'policy: 10 bytes',
  ],
  ['a file nobody can scan', {}, { sizeBytes: 3e9 }, 'scan: oversize: 3000000000 bytes'],
])('%s is named as the reason', (_name, over, question, words) => {
  expect(stop(over, question)).toContain(words);
});

test('each login method is listed, and one is enough', () => {
  const both = steps({ publicKeys: [key] }, {}, NOW + 2 * 86_400_000);
  expect(both.slice(0, 2)).toMatchObject([
    { step: 'login by password', ok: true },
    { step: 'login by key', ok: false, words: 'no-valid-key: all keys have expired' },
  ]);
  expect(both.at(-1)).toMatchObject({ step: 'landing', ok: true });
  const { password: _, ...none } = aPartner();
  const question = { protocol: 'SFTP', from: undefined, put: '/a', sizeBytes: 1 };
  const circumstances = { settings: loginSettings, temporarySuffixes: [], now: NOW };
  expect(explain(none, question, circumstances)).toEqual([
    { step: 'login', ok: false, words: 'the partner has neither a password nor a key' },
  ]);
});

test('what a policy delivers unscanned is listed', () => {
  const policy = { unscannable: { encrypted: 'deliver', oversize: 'deliver' } } as const;
  expect(steps({ policy })).toContainEqual({
    step: 'scan',
    ok: true,
    words: 'unscannable files are held, but delivered if oversize, encrypted',
  });
  expect(steps({ policy }, { sizeBytes: 3e9 }).at(-1)).toMatchObject({ step: 'landing', ok: true });
});

test('a path is taken as the partner writes it: absolute, or from where its session begins', () => {
  const word = (over: Partial<Partner>, put: string) =>
    steps(over, { put }).find(({ step }) => step === 'home directory')?.words;
  expect(word({}, 'a.csv')).toContain(' is acme/a.csv in ');
  const real = { homePath: '/${inbox}/acme/in' };
  for (const path of ['a.csv', '/inbox/acme/in/a.csv']) {
    expect(word(real, path)).toContain(' is acme/in/a.csv in ');
  }
  expect(word(real, '/a.csv')).toContain('the partner sees /inbox/acme/in');
});
