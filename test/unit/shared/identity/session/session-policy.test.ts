import fc from '../../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import { sessionPermits } from '../../../../../shared/identity/session/session-permits.ts';
import { homeMappingsOf, objectAt } from '../../../../../shared/identity/session/home-mappings.ts';
import { parsePartner } from '../../../../../shared/identity/partner/parse-partner.ts';
import type { Partner } from '../../../../../shared/identity/partner/partner.ts';
import {
  MAX_POLICY_CHARACTERS,
  PolicyTooLong,
  type PolicySettings,
  sessionPolicyOf,
} from '../../../../../shared/identity/session/session-policy.ts';
import { aPartner, loginSettings } from '../../../../support/partners.ts';

const KMS_KEY_ARN =
  'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555';

function policyOf(over: Partial<Partner> = {}, settings: Partial<PolicySettings> = {}) {
  const partner = aPartner(over);
  const text = sessionPolicyOf(partner, { ...loginSettings, ...settings });
  const permits = sessionPermits(text, partner.name);
  return {
    text,
    may: (action: string, path: string) => permits({ action, resource: `arn:aws:s3:::${path}` }),
    mayList: (bucket: string, prefix: string) =>
      permits({ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, prefix }),
  };
}

test('a tenant can access its own folder, and nothing else', () => {
  const { may, mayList } = policyOf();
  for (const action of [
    's3:GetObject',
    's3:PutObject',
    's3:DeleteObject',
    's3:AbortMultipartUpload',
  ]) {
    expect(may(action, 'inbox/acme/a.csv')).toBe(true);
    expect(may(action, 'inbox/acme/deep/er/a.csv')).toBe(true);
    for (const foreign of [
      'inbox/other/a.csv',
      'inbox/acme',
      'inbox/acme2/a.csv',
      'other/acme/a.csv',
    ]) {
      expect(may(action, foreign)).toBe(false);
    }
  }
  expect(mayList('inbox', 'acme/')).toBe(true);
  expect(mayList('inbox', 'acme/deep/')).toBe(true);
  expect(mayList('inbox', '')).toBe(false);
  expect(mayList('inbox', 'other/')).toBe(false);
  expect(mayList('inbox', 'acme2/')).toBe(false);
  expect(mayList('other', 'acme/')).toBe(false);
});

test('nobody can delete versions, read versions outside their folder, or change the bucket', () => {
  const { may } = policyOf();
  expect(may('s3:DeleteObjectVersion', 'inbox/acme/a.csv')).toBe(false);
  expect(may('s3:PutObjectAcl', 'inbox/acme/a.csv')).toBe(false);
  expect(may('s3:PutBucketPolicy', 'inbox')).toBe(false);
  expect(may('s3:GetObjectVersion', 'inbox/other/a.csv')).toBe(false);
});

test('all tenants with a folder of their name have the same policy, with the variable', () => {
  const acme = policyOf().text;
  expect(acme).toContain('arn:aws:s3:::inbox/${transfer:UserName}/*');
  expect(policyOf({ name: 'globex', landingPrefix: 'globex/' }).text).toBe(acme);
  expect(policyOf({ landingPrefix: 'partners/acme/in/' }).text).toContain(
    'inbox/partners/${transfer:UserName}/in/*',
  );
});

test('a shared space is written as it is, without the variable', () => {
  const { text, may } = policyOf({ space: 'shared', landingPrefix: 'exchange/' });
  expect(text).not.toContain('${');
  expect(may('s3:PutObject', 'inbox/exchange/a.csv')).toBe(true);
  expect(may('s3:PutObject', 'inbox/acme/a.csv')).toBe(false);
});

test('a partner with the whole inbox lists it without a condition', () => {
  const { mayList, may } = policyOf({ space: 'shared', landingPrefix: '' });
  expect(mayList('inbox', '')).toBe(true);
  expect(mayList('inbox', 'any/')).toBe(true);
  expect(may('s3:PutObject', 'inbox/any')).toBe(true);
  expect(mayList('other', '')).toBe(false);
});

test('several buckets are each accessible below their homes', () => {
  const { may, mayList } = policyOf({
    homeDirectories: [
      { entry: '/in', target: '/${inbox}/acme' },
      { entry: '/archive', target: '/${inbox}/archive/acme' },
      { entry: '/out', target: '/outbound/acme' },
    ],
  });
  expect(may('s3:PutObject', 'inbox/acme/a')).toBe(true);
  expect(may('s3:GetObject', 'inbox/archive/acme/a')).toBe(true);
  expect(may('s3:GetObject', 'outbound/acme/a')).toBe(true);
  expect(may('s3:GetObject', 'outbound/other/a')).toBe(false);
  expect(mayList('inbox', 'archive/acme/')).toBe(true);
  expect(mayList('inbox', 'archive/')).toBe(false);
  expect(mayList('outbound', 'acme/')).toBe(true);
});

test('a customer-managed key may be used if the buckets have one, and is left out if not', () => {
  const resource = KMS_KEY_ARN;
  const text = policyOf({}, { kmsKeyArn: KMS_KEY_ARN }).text;
  const permits = sessionPermits(text, 'acme');
  expect(permits({ action: 'kms:Decrypt', resource })).toBe(true);
  expect(permits({ action: 'kms:GenerateDataKey', resource })).toBe(true);
  expect(permits({ action: 'kms:ScheduleKeyDeletion', resource })).toBe(false);
  expect(permits({ action: 'kms:Decrypt', resource: `${resource.slice(0, -1)}6` })).toBe(false);
  expect(policyOf().text).not.toContain('kms');
});

test('other partitions have their own ARNs', () => {
  expect(policyOf({}, { partition: 'aws-cn' }).text).toContain('arn:aws-cn:s3:::inbox');
});

test('a policy too long for Transfer is an error, even if only the substituted name makes it too long', () => {
  const homes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      entry: `/home-${index}`,
      target: `/\${inbox}/${'x'.repeat(60)}-${index}`,
    }));
  expect(() => policyOf({ homeDirectories: homes(30) })).toThrow(PolicyTooLong);
  const name = 'n'.repeat(100);
  const own = (count: number) =>
    homes(count).map(({ entry }, index) => ({ entry, target: `/\${inbox}/p${index}/${name}` }));
  const most = Array.from({ length: 20 }, (_, index) => 20 - index).find((count) => {
    try {
      return policyOf({ name, homeDirectories: own(count) });
    } catch {
      return false;
    }
  });
  expect(most).toBeGreaterThanOrEqual(2);
  const { text } = policyOf({ name, homeDirectories: own(most ?? 0) });
  expect(text.length).toBeLessThan(MAX_POLICY_CHARACTERS - 500);
});

/** Arbitrary documents, of which only valid ones count. */
const anyPartner = fc
  .record({
    name: fc.stringMatching(/^\w[\w@.-]{2,99}$/),
    space: fc.constantFrom('tenant' as const, 'shared' as const),
    folders: fc.uniqueArray(
      fc.oneof(
        fc.constantFrom(
          'in',
          'out',
          'acme',
          'a b',
          'ä',
          "it's",
          '%2e%2e',
          '...',
          '-',
          '&amp;',
          '<x>',
        ),
        fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
      ),
      { minLength: 1, maxLength: 8 },
    ),
    isNamed: fc.boolean(),
  })
  .map(({ name, space, folders, isNamed }) => {
    const prefix = isNamed ? `${name}/` : `${folders[0] ?? 'x'}/`;
    const homeDirectories = folders.map((folder, index) => ({
      entry: `/${folder}`,
      target: index % 2 ? `/outbound/${folder}/${name}` : `/\${inbox}/${prefix}${folder}`,
    }));
    return parsePartner({ ...aPartner({ name, space, landingPrefix: prefix }), homeDirectories });
  })
  .filter((parsed) => 'partner' in parsed)
  .map((parsed) => ('partner' in parsed ? parsed.partner : aPartner()));

test('for any valid document, the policy fits or is an error, and allows every home and nothing else', () => {
  fc.assert(
    fc.property(anyPartner, fc.option(fc.constant(KMS_KEY_ARN)), (partner, key) => {
      const settings = { ...loginSettings, kmsKeyArn: key ?? undefined };
      let text: string;
      try {
        text = sessionPolicyOf(partner, settings);
      } catch (error) {
        if (error instanceof PolicyTooLong) return;
        throw error;
      }
      expect(text.length).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
      const permits = sessionPermits(text, partner.name);
      const homes = homeMappingsOf(partner, 'inbox');
      for (const { Entry, Target } of homes) {
        const object = objectAt(`${Entry}/file.csv`, homes);
        expect(`/${object?.bucket}/${object?.key}`).toBe(`${Target}/file.csv`);
        const resource = `arn:aws:s3:::${Target.slice(1)}/file.csv`;
        expect(permits({ action: 's3:PutObject', resource })).toBe(true);
        for (const beside of [
          `${Target}2/file.csv`,
          Target,
          '/inbox/file.csv',
          '/foreign/file.csv',
        ]) {
          if (homes.some((home) => beside.startsWith(`${home.Target}/`))) continue;
          const foreign = `arn:aws:s3:::${beside.slice(1)}`;
          expect(permits({ action: 's3:PutObject', resource: foreign })).toBe(false);
        }
      }
    }),
    { numRuns: 500 },
  );
});
