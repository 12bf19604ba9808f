import { describe, expect, test } from 'vitest';
import { isAllowed, type Request } from '../support/template/authorize.ts';
import { deploy } from '../support/template/deployment.ts';
import { type Attached, statementsOf } from '../support/template/policies.ts';

const SECURITY = 'arn:aws:iam::123456789012:role/security';
const ADMINISTRATOR = 'arn:aws:iam::123456789012:role/administrator';
const APPLICATION = 'arn:aws:iam::123456789012:role/application';

const statements = statementsOf(deploy({ SecurityRoleArn: SECURITY }));
const ownedBy = (id: string): readonly Attached[] => statements.filter((each) => each.id === id);

/** Grants of the roles that are not the template's. */
const everything: Attached = {
  id: 'Administrator',
  to: 'identity',
  statement: { Effect: 'Allow', Action: '*', Resource: '*' },
};
const GRANTED: Readonly<Record<string, readonly Attached[]>> = {
  [ADMINISTRATOR]: [everything],
  [SECURITY]: [everything],
  [APPLICATION]: ownedBy('ReadLandingPolicy'),
  '<IngestRole.Arn>': [...ownedBy('IngestRole'), ...ownedBy('WriteFileSystemPolicy')],
  '<ReconcileRole.Arn>': [...ownedBy('ReconcileRole'), ...ownedBy('WriteFileSystemPolicy')],
  '<TransferUserRole.Arn>': ownedBy('TransferUserRole'),
  '<RefreshSignaturesRole.Arn>': ownedBy('RefreshSignaturesRole'),
  '<IdentityProviderRole.Arn>': ownedBy('IdentityProviderRole'),
};

function may(policyOf: string, request: Request): boolean {
  const granted = GRANTED[request.principal] ?? [];
  const resource = statements.filter(({ id, to }) => id === policyOf && to === 'resource');
  return isAllowed(request, [...granted, ...resource]);
}

/** The roles that may, by the last part of their name. */
function whoMay(policyOf: string, request: Omit<Request, 'principal'>): readonly string[] {
  return Object.keys(GRANTED)
    .filter((principal) => may(policyOf, { ...request, principal }))
    .map((principal) => /(\w+?)(Role\.Arn)?>?$/.exec(principal)?.[1] ?? principal);
}

describe('an upload in the inbox', () => {
  const upload = '<InboxBucket.Arn>/acme/report.csv';
  const tagged = (status: string) => ({ 's3:ExistingObjectTag/scan-status': status });

  test.each(['s3:GetObject', 's3:GetObjectVersion'])(
    'that nobody has looked at is read by the ingest and its partner alone: %s',
    (action) => {
      expect(whoMay('InboxBucketPolicy', { action, resource: upload })).toEqual([
        'Ingest',
        'TransferUser',
      ]);
    },
  );

  test('that was skipped or superseded is read by nobody else either', () => {
    for (const status of ['skipped', 'superseded', 'unscanned', 'none']) {
      const request = { action: 's3:GetObject', resource: upload, context: tagged(status) };
      expect(whoMay('InboxBucketPolicy', request)).toEqual(['Ingest', 'TransferUser']);
    }
  });

  test('that is clean is read by whom IAM lets', () => {
    const request = { action: 's3:GetObject', resource: upload, context: tagged('clean') };
    expect(whoMay('InboxBucketPolicy', request)).toEqual([
      'administrator',
      'security',
      'Ingest',
      'TransferUser',
    ]);
  });

  test('is marked by the ingest; Transfer copies marks when it renames', () => {
    const tag = { action: 's3:PutObjectTagging', resource: upload };
    expect(whoMay('InboxBucketPolicy', tag)).toEqual(['Ingest', 'TransferUser']);
    const version = { action: 's3:PutObjectVersionTagging', resource: upload };
    expect(whoMay('InboxBucketPolicy', version)).toEqual(['Ingest']);
  });

  test('is not even read by the ingest without encryption', () => {
    const context = { 'aws:SecureTransport': 'false' };
    const request = { action: 's3:GetObject', resource: upload, context };
    expect(whoMay('InboxBucketPolicy', request)).toEqual([]);
  });
});

describe('a file in quarantine', () => {
  const resource = '<QuarantineBucket.Arn>/acme/virus.exe';

  test.each([
    ['s3:GetObject', ['security', 'Ingest']],
    ['s3:GetObjectVersion', ['security']],
    ['s3:PutObject', ['security', 'Ingest']],
    ['s3:DeleteObject', ['security']],
    ['s3:DeleteObjectVersion', ['security']],
    ['s3:BypassGovernanceRetention', ['security']],
    // An administrator can still mend the bucket itself.
    ['s3:PutBucketPolicy', ['administrator', 'security']],
  ])('%s: %j', (action, roles) => {
    const target = action === 's3:PutBucketPolicy' ? '<QuarantineBucket.Arn>' : resource;
    expect(whoMay('QuarantineBucketPolicy', { action, resource: target })).toEqual(roles);
  });
});

describe('the file system', () => {
  const at = (accessPoint: string) => ({
    'elasticfilesystem:AccessPointArn': `<${accessPoint}.Arn>`,
  });
  const resource = '<FileSystem.Arn>';

  test('is written by our functions, through their access point', () => {
    const request = {
      action: 'elasticfilesystem:ClientWrite',
      resource,
      context: at('AccessPoint'),
    };
    expect(whoMay('FileSystem', request)).toEqual(['Ingest', 'Reconcile']);
  });

  test('is read by applications through theirs, and not through that of the functions', () => {
    const action = 'elasticfilesystem:ClientMount';
    const reading = { principal: APPLICATION, action, resource };
    expect(may('FileSystem', { ...reading, context: at('ReaderAccessPoint') })).toBe(true);
    expect(may('FileSystem', { ...reading, context: at('AccessPoint') })).toBe(false);
  });

  test('is not mounted by anybody without a role, or without encryption', () => {
    const mount = { action: 'elasticfilesystem:ClientMount', resource };
    expect(may('FileSystem', { ...mount, principal: 'anonymous' })).toBe(false);
    const plain = { ...at('ReaderAccessPoint'), 'aws:SecureTransport': 'false' };
    expect(whoMay('FileSystem', { ...mount, context: plain })).toEqual([]);
  });
});

test('a notice is published by the ingest alone', () => {
  const request = { action: 'sns:Publish', resource: '<NoticesTopic>' };
  expect(whoMay('NoticesTopicPolicy', request)).toEqual(['Ingest']);
});

test('a partner is let in by documents that no function writes', () => {
  const request = { action: 's3:PutObject', resource: '<ConfigBucket.Arn>/partners/acme.json' };
  expect(whoMay('ConfigBucketPolicy', request)).toEqual(['administrator', 'security']);
});

test('signatures are published by what tries them, and by people', () => {
  const request = { action: 's3:PutObject', resource: '<SignatureBucket.Arn>/current.json' };
  expect(whoMay('SignatureBucketPolicy', request)).toEqual([
    'administrator',
    'security',
    'RefreshSignatures',
  ]);
});
