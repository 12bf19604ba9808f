import type { Deployed } from './deployment.ts';
import { listOf } from './deployment.ts';

type Statement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: any;
  readonly Action: string | readonly string[];
  readonly Resource?: any;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, any>>>>;
};

/** What a policy is attached to: a role says what it may do, a resource who may do what to it. */
export type Attached = {
  readonly id: string;
  readonly to: 'identity' | 'resource' | 'trust' | 'endpoint';
  readonly statement: Statement;
};

/** Every statement of every policy there is. */
export function statementsOf(resources: readonly Deployed[]): readonly Attached[] {
  return resources.flatMap(({ id, type, properties }) => {
    const all = (to: Attached['to'], document: any): Attached[] =>
      listOf<Statement>(document?.Statement).map((statement) => ({ id, to, statement }));
    switch (type) {
      case 'AWS::IAM::Role':
        return [
          ...all('trust', properties.AssumeRolePolicyDocument),
          ...listOf<any>(properties.Policies).flatMap(({ PolicyDocument }) =>
            all('identity', PolicyDocument),
          ),
        ];
      case 'AWS::IAM::Policy':
      case 'AWS::IAM::ManagedPolicy':
        return all('identity', properties.PolicyDocument);
      case 'AWS::S3::BucketPolicy':
      case 'AWS::SQS::QueuePolicy':
      case 'AWS::SNS::TopicPolicy':
        return all('resource', properties.PolicyDocument);
      case 'AWS::KMS::Key':
        return all('resource', properties.KeyPolicy);
      case 'AWS::EFS::FileSystem':
        return all('resource', properties.FileSystemPolicy);
      case 'AWS::EC2::VPCEndpoint':
        return all('endpoint', properties.PolicyDocument);
      default:
        return [];
    }
  });
}
