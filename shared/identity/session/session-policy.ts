import { homeMappingsOf, placeOf } from './home-mappings.ts';
import type { Partner } from '../partner/partner.ts';

/** https://docs.aws.amazon.com/transfer/latest/userguide/requirements-roles.html (session policies) */
export const MAX_POLICY_CHARACTERS = 2048;

/** The only variable that Transfer fills in when home directories are LOGICAL. */
const USER_NAME = '${transfer:UserName}';

/**
 * What file work over SFTP comes down to. A rename is a copy, with the tags that the ingest may have
 * put on meanwhile, and a deletion. No version is ever deleted: the inbox is the ledger.
 */
const FILE_ACTIONS = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:GetObjectTagging',
  's3:PutObject',
  's3:PutObjectTagging',
  's3:DeleteObject',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
];

export type PolicySettings = {
  readonly inboxBucket: string;
  /** `aws`, `aws-cn` ... */
  readonly partition: string;
  /** Of the key the buckets are encrypted with; undefined for S3's own keys. */
  readonly kmsKeyArn: string | undefined;
};

/**
 * What a partner's session may do, of what the role may: list and work below its home directories and
 * nowhere else. A tenant's folder of its own name is worded with Transfer's variable, so that all such
 * tenants have the same policy.
 *
 * @throws PolicyTooLong when Transfer would not take it
 */
export function sessionPolicyOf(partner: Partner, settings: PolicySettings): string {
  const { partition, kmsKeyArn, inboxBucket } = settings;
  const places = homeMappingsOf(partner, inboxBucket).map(({ Target }) => placeOf(Target));
  const arn = (path: string): string => `arn:${partition}:s3:::${path}`;
  const worded = (prefix: string): string =>
    partner.space === 'tenant' ? withVariable(prefix, partner.name) : prefix;

  const buckets = Map.groupBy(places, ({ bucket }) => bucket);
  const policy = {
    Version: '2012-10-17',
    Statement: [
      ...[...buckets].map(([bucket, homes]) => ({
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn(bucket),
        ...listCondition(homes.map(({ prefix }) => worded(prefix))),
      })),
      {
        Effect: 'Allow',
        Action: 's3:GetBucketLocation',
        Resource: [...buckets.keys()].map(arn),
      },
      {
        Effect: 'Allow',
        Action: FILE_ACTIONS,
        Resource: places.map(({ bucket, prefix }) => arn(`${bucket}/${worded(prefix)}*`)),
      },
      ...(kmsKeyArn === undefined
        ? []
        : [
            {
              Effect: 'Allow',
              Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
              Resource: kmsKeyArn,
            },
          ]),
    ],
  };
  return checkedLength(JSON.stringify(policy), partner.name);
}

/** A policy that Transfer refuses would refuse the login. */
export class PolicyTooLong extends Error {
  override readonly name = 'PolicyTooLong';
}

/** Both as it is sent and as it is once the name is filled in, since AWS says not which is measured. */
function checkedLength(policy: string, name: string): string {
  const length = Math.max(policy.length, policy.replaceAll(USER_NAME, name).length);
  if (length <= MAX_POLICY_CHARACTERS) return policy;
  throw new PolicyTooLong(
    `the session policy has ${length} characters and Transfer Family takes ${MAX_POLICY_CHARACTERS}; ` +
      'use fewer home directories, or shorter folders',
  );
}

/** A home that is a whole bucket needs no condition. The folder's bare name is as AWS's own example has it. */
function listCondition(prefixes: readonly string[]): object {
  if (prefixes.includes('')) return {};
  const names = prefixes.flatMap((prefix) => [prefix.slice(0, -1), `${prefix}*`]);
  return { Condition: { StringLike: { 's3:prefix': names } } };
}

function withVariable(prefix: string, name: string): string {
  return prefix
    .split('/')
    .map((segment) => (segment === name ? USER_NAME : segment))
    .join('/');
}
