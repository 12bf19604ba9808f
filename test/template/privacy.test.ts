import { describe, expect, test } from 'vitest';
import { deploy, expanded, listOf, ofType, VARIANTS } from '../support/template/deployment.ts';
import { statementsOf } from '../support/template/policies.ts';

describe.each(VARIANTS)('with %s', (_name, overrides) => {
  const resources = deploy(overrides);
  const one = (id: string): any => resources.find((resource) => resource.id === id)?.properties;

  test('the SFTP server is in the VPC and has no public address', () => {
    const servers = ofType(resources, 'AWS::Transfer::Server');
    expect(servers).toHaveLength(1);
    for (const { properties } of servers) {
      expect(properties.EndpointType).toBe('VPC');
      expect(properties.EndpointDetails).not.toHaveProperty('AddressAllocationIds');
      expect(properties.EndpointDetails.SubnetIds).toHaveLength(2);
      expect(properties.Protocols).toEqual(['SFTP']);
      expect(properties.SecurityPolicyName).toMatch(/-20(2[5-9]|[3-9]\d)-\d\d$/);
    }
  });

  test('nothing leads to the internet', () => {
    const gateways = resources.filter(({ type }) =>
      /InternetGateway|NatGateway|::EIP|::Route$|Lambda::Url|EgressOnly/.test(type),
    );
    expect(gateways).toEqual([]);
    for (const { id, properties } of ofType(resources, 'AWS::EC2::Subnet')) {
      expect(properties.MapPublicIpOnLaunch, id).toBe(false);
    }
  });

  test('nobody comes in from everywhere', () => {
    for (const { id, properties } of ofType(resources, 'AWS::EC2::SecurityGroupIngress')) {
      expect(String(properties.CidrIp), id).not.toMatch(/\/0$/);
    }
    for (const { id, properties } of ofType(resources, 'AWS::EC2::SecurityGroup')) {
      expect(properties, id).not.toHaveProperty('SecurityGroupIngress');
      // Without one of its own, a group is given a rule that leads everywhere.
      expect(properties.SecurityGroupEgress, id).toMatchObject([{ CidrIp: '127.0.0.1/32' }]);
    }
  });

  test('every bucket is private, encrypted with our key, versioned and kept', () => {
    const buckets = ofType(resources, 'AWS::S3::Bucket');
    expect(buckets.map(({ id }) => id)).toEqual([
      'InboxBucket',
      'QuarantineBucket',
      'ConfigBucket',
      'SignatureBucket',
    ]);
    for (const { id, properties } of buckets) {
      expect(Object.values(properties.PublicAccessBlockConfiguration), id).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(properties.OwnershipControls.Rules, id).toEqual([
        { ObjectOwnership: 'BucketOwnerEnforced' },
      ]);
      const [encryption] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(encryption.ServerSideEncryptionByDefault, id).toEqual({
        SSEAlgorithm: 'aws:kms',
        KMSMasterKeyID: '<Key.Arn>',
      });
      expect(properties.VersioningConfiguration.Status, id).toBe('Enabled');
    }
  });

  test('queues, topics, logs and the file system are encrypted with our key', () => {
    for (const type of ['AWS::SQS::Queue', 'AWS::SNS::Topic']) {
      for (const { id, properties } of ofType(resources, type)) {
        expect(properties.KmsMasterKeyId, id).toBe('<Key>');
      }
    }
    for (const { id, properties } of ofType(resources, 'AWS::Logs::LogGroup')) {
      expect(properties.KmsKeyId, id).toBe('<Key.Arn>');
    }
    expect(one('FileSystem')).toMatchObject({ Encrypted: true, KmsKeyId: '<Key.Arn>' });
    expect(one('Key').EnableKeyRotation).toBe(true);
  });

  test('the key lets the logs service encrypt each of our log groups', () => {
    const { statement } =
      statementsOf(resources).find(({ statement: { Sid } }) => Sid === 'LogsOfThisStack') ?? {};
    const patterns = listOf<string>(
      statement?.Condition?.['ArnLike']?.['kms:EncryptionContext:aws:logs:arn'],
    );
    for (const { id, properties } of ofType(resources, 'AWS::Logs::LogGroup')) {
      const arn = `arn:aws:logs:eu-central-1:123456789012:log-group:${properties.LogGroupName}`;
      const matches = patterns.some((like) =>
        like.endsWith('*') ? arn.startsWith(like.slice(0, -1)) : arn === like,
      );
      expect(matches, `${id}: ${arn}`).toBe(true);
    }
  });

  test('every bucket, queue and topic, and the file system, refuses what is not encrypted on its way', () => {
    const guarded = statementsOf(resources)
      .filter(({ statement }) => statement.Sid === 'EncryptedTransportOnly')
      .map(({ id, statement }) => {
        expect(statement, id).toMatchObject({
          Effect: 'Deny',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        });
        expect(['*', { AWS: '*' }], id).toContainEqual(statement.Principal);
        return id.replace(/Policy$/, '');
      });
    const kept = resources
      .filter(({ type }) => /^AWS::(S3::Bucket|SQS::Queue|SNS::Topic|EFS::FileSystem)$/.test(type))
      .map(({ id }) => id);
    expect(guarded.toSorted()).toEqual(kept.toSorted());
  });

  test('each bucket, queue and topic has one policy: of two, the last would win', () => {
    const targets = resources.flatMap(({ type, properties }) => {
      if (type === 'AWS::S3::BucketPolicy') return [properties.Bucket];
      if (type === 'AWS::SQS::QueuePolicy') return properties.Queues;
      if (type === 'AWS::SNS::TopicPolicy') return properties.Topics;
      return [];
    });
    expect(new Set(targets).size).toBe(targets.length);
  });

  test('functions that mount the file system are in the VPC, and wait for a mount in every zone', () => {
    for (const { id, properties } of ofType(resources, 'AWS::Lambda::Function')) {
      expect('VpcConfig' in properties, id).toBe('FileSystemConfigs' in properties);
      if (!('FileSystemConfigs' in properties)) continue;
      expect(expanded.Resources[id]?.DependsOn, id).toEqual(
        expect.arrayContaining(['MountTargetA', 'MountTargetB', 'WriteFileSystemPolicy']),
      );
    }
  });

  test('each zone has a mount target, and each service that a function in the VPC calls an endpoint', () => {
    expect(ofType(resources, 'AWS::EFS::MountTarget')).toHaveLength(2);
    const services = ofType(resources, 'AWS::EC2::VPCEndpoint').map(({ properties }) =>
      properties.ServiceName.split('.').at(-1),
    );
    const ours = 'CreateVpcEndpoints' in overrides ? [] : ['events', 's3', 'sns', 'sqs'];
    expect(new Set(services)).toEqual(new Set(ours));
  });
});

test('what is quarantined can be locked, for as long as one says', () => {
  const bucket = (days: number) =>
    deploy({ QuarantineLockDays: days }).find(({ id }) => id === 'QuarantineBucket')?.properties;
  expect(bucket(0)).not.toHaveProperty('ObjectLockEnabled');
  expect(bucket(30)).toMatchObject({
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } },
  });
});
