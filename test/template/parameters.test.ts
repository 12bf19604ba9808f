import { describe, expect, test } from 'vitest';
import { evaluateConditions } from '../../local/stack/conditions.ts';
import { template, VARIANTS } from '../support/template/deployment.ts';

type Rule = {
  readonly RuleCondition: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription: string }[];
};

const rules = Object.values(template['Rules'] as Readonly<Record<string, Rule>>);
const parameters = template['Parameters'] as Readonly<
  Record<string, { Default: string | number; AllowedPattern?: string }>
>;

/** What CloudFormation would object to, before it makes anything. */
function objections(overrides: Readonly<Record<string, string | number>>): readonly string[] {
  const values = Object.entries(parameters).map(([name, { Default }]) => [
    name,
    overrides[name] ?? Default,
  ]);
  const scope = { parameters: Object.fromEntries(values), resources: {} };
  return rules.flatMap(({ RuleCondition, Assertions }) => {
    if (evaluateConditions({ it: RuleCondition }, scope)['it'] !== true) return [];
    return Assertions.flatMap(({ Assert, AssertDescription }) =>
      evaluateConditions({ it: Assert }, scope)['it'] === true ? [] : [AssertDescription],
    );
  });
}

test.each(VARIANTS)('nothing speaks against %s', (_name, overrides) => {
  expect(objections(overrides)).toEqual([]);
});

describe('parameters that do not fit together are refused before anything is made', () => {
  const VpcId = 'vpc-0123456789abcdef0';
  const subnets = { SubnetIdA: 'subnet-0123456789abcdef0', SubnetIdB: 'subnet-0123456789abcdef1' };

  test.each([
    ['a VPC without subnets', { VpcId, CreateVpcEndpoints: 'false' }, 'needs SubnetIdA'],
    [
      'one subnet, twice',
      { VpcId, ...subnets, SubnetIdB: subnets.SubnetIdA, CreateVpcEndpoints: 'false' },
      'two subnets',
    ],
    ['endpoints without route tables', { VpcId, ...subnets }, 'need RouteTableIds'],
    ['subnets without a VPC', subnets, 'belong to an existing VPC'],
    ['a new VPC without endpoints', { CreateVpcEndpoints: 'false' }, 'needs endpoints'],
    [
      'a replica without a key',
      { ReplicaBucketArn: 'arn:aws:s3:::replica' },
      'ReplicaBucketArn needs ReplicaKeyArn',
    ],
  ])('%s', (_what, overrides, words) => {
    expect(objections(overrides).join(' ')).toContain(words);
  });
});

describe('patterns of parameters', () => {
  const accepts = (name: string, value: string): boolean =>
    new RegExp(parameters[name]?.AllowedPattern ?? '').test(value);

  test('each default passes its own pattern', () => {
    for (const [name, { Default }] of Object.entries(parameters)) {
      expect(accepts(name, String(Default)), name).toBe(true);
    }
  });

  test.each([
    ['SftpClientCidr', '192.0.2.7/32', true],
    ['SftpClientCidr', '0.0.0.0/0', false],
    ['VpcCidr', '10.0.0.0/16', true],
    ['VpcCidr', '10.0.0.0/25', false],
    ['VpcId', 'vpc-0123456789abcdef0', true],
    ['VpcId', 'subnet-0123456789abcdef0', false],
    ['RouteTableIds', 'rtb-01,rtb-02', true],
    ['RouteTableIds', 'rtb-01, rtb-02', false],
    ['SecurityRoleArn', 'arn:aws:iam::123456789012:role/team/security', true],
    ['SecurityRoleArn', 'arn:aws:iam::123456789012:user/alice', false],
    ['OperationsEmail', 'nobody', false],
    ['FileSystemRoot', '/mnt/airlock/', false],
  ])('%s = %s', (name, value, accepted) => {
    expect(accepts(name, value)).toBe(accepted);
  });
});
