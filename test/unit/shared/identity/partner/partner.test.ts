import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import {
  PARTNER_SCHEMA_FILE,
  partnerJsonSchema,
} from '../../../../../scripts/partner-json-schema.ts';
import {
  parsePartner,
  parsePartnerText,
} from '../../../../../shared/identity/partner/parse-partner.ts';
import { aKeyPair, aPartner } from '../../../../support/partners.ts';

/** Path and problem of every error, one line each. */
function problems(document: unknown): readonly string[] {
  const parsed = parsePartner(document);
  return 'problems' in parsed ? parsed.problems.map((it) => `${it.path}: ${it.problem}`) : [];
}

const { publicKey } = aKeyPair();

test('a minimal document gets its defaults', () => {
  const { policy: _, contacts: __, ...least } = aPartner();
  expect(parsePartner(least)).toEqual({ partner: aPartner() });
});

test('a complete document is unchanged', () => {
  const partner = aPartner({
    publicKeys: [{ key: publicKey, comment: 'nightly job', expiresAt: '2027-01-31T00:00:00Z' }],
    allowedNetworks: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'],
    homeDirectories: [
      { entry: '/in', target: '/${inbox}/acme' },
      { entry: '/out', target: '/outbound-bucket/acme' },
    ],
    policy: {
      unscannable: { encrypted: 'deliver', limit: 'hold' },
      maxSizeBytes: 1_000_000,
      allowedExtensions: ['.csv', '.tar.gz'],
      refusedExtensions: ['.exe'],
    },
    contacts: [{ name: 'Ada', email: 'ada@example.com' }],
  });
  expect(parsePartner(partner)).toEqual({ partner });
});

test('all errors are reported at once, with their path and what to do', () => {
  const found = problems({
    ...aPartner(),
    name: '-acme',
    enabled: 'yes',
    allowedNetworks: ['300.1.1.1', '::1/129'],
    landingPrefix: '../acme/',
    publicKeys: [{ key: 'ssh-ed25519 AAAA', comment: '' }],
    homeDirectorys: [],
  });
  expect(found).toEqual([
    expect.stringContaining('name: must be 3 to 100 of'),
    'enabled: must be true or false',
    'publicKeys.0.key: is damaged; copy the whole line of the .pub file again',
    expect.stringContaining('allowedNetworks.0: must be an address or a network like'),
    expect.stringContaining('allowedNetworks.1: must be an address or a network like'),
    expect.stringContaining('landingPrefix: must be a folder like acme/'),
    'homeDirectorys: is not known; remove it, or correct its spelling',
  ]);
});

test('a missing field is named', () => {
  const { space: _, ...partner } = aPartner();
  expect(problems(partner)).toEqual(['space: is missing; add it']);
});

test.each([
  ['no-slash', 'acme'],
  ['leading slash', '/acme/'],
  ['parent', 'a/../b/'],
  ['empty part', 'a//b/'],
  ['wildcard', 'acme*/'],
  ['one character', 'acm?/'],
  ['variable', '${transfer:UserName}/'],
  ['quote', 'a"b/'],
  ['line feed', 'a\nb/'],
  ['half a character', 'a\ud800/'],
  ['the whole inbox', ''],
])('a tenant may not land in %s', (_name, landingPrefix) => {
  expect(problems(aPartner({ landingPrefix }))).toHaveLength(1);
});

test('the whole inbox may be a shared space', () => {
  expect(problems(aPartner({ landingPrefix: '', space: 'shared' }))).toEqual([]);
});

test.each([
  ['/', '/${inbox}/acme/', 'a slash at the end'],
  ['/', '/UPPER/acme', "no bucket's name"],
  ['/', '/${inbox}/*', 'a wildcard'],
  ['/', '/${outbox}/acme', 'another variable'],
  ['/', 'inbox/acme', 'no slash at the start'],
  ['/', '/', 'no bucket'],
  ['in', '/${inbox}/acme', 'an entry without a slash'],
  ['/in/', '/${inbox}/acme', 'an entry with a slash at its end'],
  ['/../in', '/${inbox}/acme', 'an entry that climbs'],
])('a home directory %s -> %s is refused: %s', (entry, target) => {
  expect(problems(aPartner({ homeDirectories: [{ entry, target }] }))).toHaveLength(1);
});

test('home directories may not be nested, as Transfer requires', () => {
  const target = '/${inbox}/acme';
  const homes = (...entries: string[]) => entries.map((entry) => ({ entry, target }));
  expect(problems(aPartner({ homeDirectories: homes('/in', '/inner') }))).toEqual([]);
  for (const nested of [
    ['/in', '/in/deep'],
    ['/', '/in'],
    ['/in', '/in'],
  ]) {
    expect(problems(aPartner({ homeDirectories: homes(...nested) }))).toHaveLength(1);
  }
});

test('a home path is a place in a bucket, and excludes home directories', () => {
  const homePath = '/${inbox}/acme';
  expect(problems(aPartner({ homePath }))).toEqual([]);
  for (const wrong of ['/', 'inbox/acme', '/${inbox}/acme/', '/${inbox}/*', '/${outbox}']) {
    expect(problems(aPartner({ homePath: wrong }))).toEqual([
      expect.stringMatching(/^homePath: must be \/bucket/),
    ]);
  }
  const homeDirectories = [{ entry: '/', target: homePath }];
  expect(problems(aPartner({ homePath, homeDirectories }))).toEqual([
    expect.stringMatching(/^homePath: must not be there together/),
  ]);
});

test('a text that is not JSON is reported as such', () => {
  expect(parsePartnerText('{"name": ')).toEqual({
    problems: [{ path: '', problem: expect.stringMatching(/^is not JSON: /) }],
  });
});

test('the published schema is up to date, and accepts and rejects as the code does', async () => {
  expect(await readFile(PARTNER_SCHEMA_FILE, 'utf8')).toBe(partnerJsonSchema());
  const validate = new Ajv({ formats: { 'date-time': true, email: true } }).compile(
    JSON.parse(partnerJsonSchema()),
  );
  const key = { key: publicKey, comment: '', expiresAt: '2027-01-31T00:00:00Z' };
  expect(validate(aPartner({ publicKeys: [key] }))).toBe(true);
  for (const wrong of [
    { ...aPartner(), name: '-x' },
    { ...aPartner(), space: 'mine' },
    { ...aPartner(), homeDirectorys: [] },
    { ...aPartner(), policy: { unscannable: { boredom: 'hold' } } },
  ]) {
    expect(validate(wrong)).toBe(false);
  }
});
