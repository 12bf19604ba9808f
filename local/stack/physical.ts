import type { Physical } from './resolve.ts';
import type { Template } from './template.ts';

/** The account, region and stack of the stand-ins. */
export type Deployment = {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  /** Base URL of the queues, without a final slash. */
  readonly sqsEndpoint: string;
};

/**
 * The physical name of each resource that runs locally, as CloudFormation would choose one:
 * stack name and logical id. Resources of other types have no local counterpart and are left out.
 */
export function physicalResources(
  template: Template,
  deployment: Deployment,
): Readonly<Record<string, Physical>> {
  const entries = Object.entries(template.Resources).flatMap(([logicalId, { Type }]) => {
    const physical = physicalResource(Type, nameOf(logicalId, deployment), deployment);
    return physical === undefined ? [] : [[logicalId, physical] as const];
  });
  return Object.fromEntries(entries);
}

/** `IngestDeadLetterQueue` -> `airlock-ingest-dead-letter-queue` */
export function nameOf(logicalId: string, { stackName }: Deployment): string {
  return `${stackName}-${logicalId.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}`;
}

function physicalResource(
  type: string,
  name: string,
  deployment: Deployment,
): Physical | undefined {
  const { region, accountId, sqsEndpoint } = deployment;
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${accountId}:${resource}`;
  switch (type) {
    case 'AWS::S3::Bucket':
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    case 'AWS::SQS::Queue':
      return {
        ref: `${sqsEndpoint}/${accountId}/${name}`,
        attributes: { Arn: arn('sqs', name), QueueName: name },
      };
    case 'AWS::SNS::Topic':
      return { ref: arn('sns', name), attributes: { TopicName: name } };
    case 'AWS::Events::Rule':
      return { ref: name, attributes: { Arn: arn('events', `rule/${name}`) } };
    case 'AWS::IAM::Role':
      return { ref: name, attributes: { Arn: `arn:aws:iam::${accountId}:role/${name}` } };
    case 'AWS::CloudWatch::Alarm':
      return { ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`) } };
    case 'AWS::KMS::Key':
      return { ref: name, attributes: { Arn: arn('kms', `key/${name}`) } };
    case 'AWS::Serverless::Function':
      return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
    default:
      return undefined;
  }
}
