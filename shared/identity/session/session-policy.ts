import { homeMappingsOf, placeOf } from './home-mappings.ts';
import type { Partner } from '../partner/partner.ts';

/** https://docs.aws.amazon.com/transfer/latest/userguide/requirements-roles.html (session policies) */
export const MAX_POLICY_CHARACTERS = 2048;

/** The only variable that Transfer substitutes when home directories are LOGICAL. */
const USER_NAME = '${transfer:UserName}';

/**
 * What SFTP operations need. A rename is a copy, including tags that the ingest may have set, and a
 * deletion. Versions are never deleted: the inbox is the ledger.
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
  /** Of the key the buckets are encrypted with; undefined for S3-managed keys. */
  readonly kmsKeyArn: string | undefined;
};

/**
 * Restricts a partner's session to its home directories: listing, reading and writing below them. A
 * tenant's folder of its own name is written with Transfer's variable, so that all such tenants have
 * the same policy.
 *
 * @throws PolicyTooLong when Transfer would reject it
 */
export function sessionPolicyOf(partner: Partner, settings: PolicySettings): string {
  const { partition, kmsKeyArn, inboxBucket } = settings;
  const places = homeMappingsOf(partner, inboxBucket).map(({ Target }) => placeOf(Target));
  const arn = (path: string): string => `arn:${partition}:s3:::${path}`;
  const withName = (prefix: string): string =>
    partner.space === 'tenant' ? withVariable(prefix, partner.name) : prefix;

  const buckets = Map.groupBy(places, ({ bucket }) => bucket);
  const policy = {
    Version: '2012-10-17',
    Statement: [
      ...[...buckets].map(([bucket, homes]) => ({
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn(bucket),
        ...listCondition(homes.map(({ prefix }) => withName(prefix))),
      })),
      {
        Effect: 'Allow',
        Action: 's3:GetBucketLocation',
        Resource: [...buckets.keys()].map(arn),
      },
      {
        Effect: 'Allow',
        Action: FILE_ACTIONS,
        Resource: places.map(({ bucket, prefix }) => arn(`${bucket}/${withName(prefix)}*`)),
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

/** Transfer fails a login whose policy it rejects. */
export class PolicyTooLong extends Error {
  override readonly name = 'PolicyTooLong';
}

/** Checks it both as sent and with the name substituted, since AWS does not document which one counts. */
function checkedLength(policy: string, name: string): string {
  const length = Math.max(policy.length, policy.replaceAll(USER_NAME, name).length);
  if (length <= MAX_POLICY_CHARACTERS) return policy;
  throw new PolicyTooLong(
    `the session policy has ${length} characters and Transfer Family accepts ${MAX_POLICY_CHARACTERS}; ` +
      'use fewer home directories, or shorter folders',
  );
}

/**
 * A whole bucket needs no condition. Always with the slash at the folder's end: with the bare name, as in AWS's
 * own example, `acme` could list what lies in `acme2/`.
 */
function listCondition(prefixes: readonly string[]): object {
  if (prefixes.includes('')) return {};
  return {
    Condition: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
  };
}

function withVariable(prefix: string, name: string): string {
  return prefix
    .split('/')
    .map((segment) => (segment === name ? USER_NAME : segment))
    .join('/');
}
