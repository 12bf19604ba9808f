import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { instantiate } from '../../../local/stack/instantiate.ts';
import { type Physical, resolve } from '../../../local/stack/resolve.ts';
import { parseTemplate, parseYaml } from '../../../local/stack/template.ts';
import { type CloudFormation, expandSam } from './sam.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const TEXT = await readFile(`${ROOT}template.yaml`, 'utf8');

/** template.yaml with its functions in their long form, and after SAM's transform. */
export const template = parseYaml(TEXT, 'template.yaml') as CloudFormation;
export const expanded = expandSam(template);

const place = {
  region: 'eu-central-1',
  accountId: '123456789012',
  stackName: 'airlock',
  sqsEndpoint: 'https://sqs.eu-central-1.amazonaws.com',
};

type Overrides = Readonly<Record<string, string | number>>;

/** Every branch of every condition is in one of them. */
export const VARIANTS: readonly (readonly [string, Overrides])[] = [
  ['a new VPC', {}],
  [
    'an existing VPC, and everything that is optional',
    {
      VpcId: 'vpc-0123456789abcdef0',
      SubnetIdA: 'subnet-0123456789abcdef0',
      SubnetIdB: 'subnet-0123456789abcdef1',
      RouteTableIds: 'rtb-0123456789abcdef0,rtb-0123456789abcdef1',
      S3PrefixListId: 'pl-0123456789abcdef0',
      SftpClientPrefixListId: 'pl-0123456789abcdef1',
      SecurityRoleArn: 'arn:aws:iam::123456789012:role/security',
      QuarantineLockDays: 30,
      ReplicaBucketArn: 'arn:aws:s3:::replica',
      ReplicaKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/replica',
      ReserveConcurrency: 'true',
      OperationsEmail: 'operations@example.org',
      NoticesEmail: 'notices@example.org',
    },
  ],
  [
    'an existing VPC with endpoints of its own',
    {
      VpcId: 'vpc-0123456789abcdef0',
      SubnetIdA: 'subnet-0123456789abcdef0',
      SubnetIdB: 'subnet-0123456789abcdef1',
      CreateVpcEndpoints: 'false',
    },
  ],
];

export type Deployed = { readonly id: string; readonly type: string; readonly properties: any };

/** The template as deployed with these parameters; a resource stands for itself: `<Id>`, `<Id.Arn>`. */
export function deploy(overrides: Overrides = {}): readonly Deployed[] {
  const parsed = parseTemplate(TEXT, 'template.yaml');
  const { template: present, scope } = instantiate(parsed, place, overrides);
  const symbolic = { ...scope, resources: symbols() };
  return Object.entries(expanded.Resources)
    .filter(([id, { Condition }]) => isPresent(id, Condition))
    .map(([id, { Type, Properties = {} }]) => ({
      id,
      type: Type,
      properties: resolve(Properties, symbolic, id),
    }));

  function isPresent(id: string, condition: string | undefined): boolean {
    if (condition !== undefined) return scope.conditions[condition] === true;
    return id in present.Resources || !(id in parsed.Resources);
  }
}

function symbols(): Readonly<Record<string, Physical>> {
  return new Proxy<Record<string, Physical>>(
    {},
    {
      get: (_, id) => {
        if (typeof id !== 'string' || !(id in expanded.Resources)) return undefined;
        const attributes = new Proxy({}, { get: (_none, name) => `<${id}.${String(name)}>` });
        return { ref: `<${id}>`, attributes };
      },
    },
  );
}

export function ofType(resources: readonly Deployed[], type: string): readonly Deployed[] {
  return resources.filter((resource) => resource.type === type);
}

/** One or many, as CloudFormation and IAM let one write a single item without a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
