import { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { describeError } from '../shared/platform/errors.ts';
import type { ClientSettings } from './client-settings.ts';
import type { EventBus } from './events/event-bus.ts';
import { startEventBridge } from './events/server.ts';
import { parseTarget } from './events/target.ts';
import { startMessaging } from './messaging/messaging.ts';
import { startS3 } from './s3/server.ts';
import { describeStack, type RuleSpec, type Stack } from './stack/stack.ts';
import type { Template } from './stack/template.ts';
import { StartError } from '../shared/platform/start-error.ts';

/** The stand-ins accept any credentials; these are printed for use in other tools. */
export const SETTINGS: ClientSettings = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'airlock', secretAccessKey: 'airlock' },
};

export const ACCOUNT_ID = '000000000000';
const STACK_NAME = 'airlock';

export type CloudOptions = {
  /** Of the S3 stand-in; the others keep everything in memory. */
  readonly directory: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly warn: (what: string) => void;
};

export type Endpoints = {
  readonly s3: string;
  readonly sqs: string;
  readonly sns: string;
  readonly eventbridge: string;
};

/** The stand-ins for S3, EventBridge, SQS and SNS, with the template's resources. */
export interface Cloud extends AsyncDisposable {
  readonly stack: Stack;
  readonly endpoints: Endpoints;
  readonly bus: EventBus;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly queueUrl: (arn: string) => string;
}

/** Starts them on free ports of 127.0.0.1. @throws StartError for an invalid template */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { template, parameters, warn } = options;
  const { region } = SETTINGS;
  await using starting = new AsyncDisposableStack();

  const messaging = starting.use(await startMessaging(SETTINGS));
  const { sqs, sns } = messaging;
  const deployment = {
    region,
    accountId: ACCOUNT_ID,
    stackName: STACK_NAME,
    sqsEndpoint: messaging.endpoint,
  };
  const stack = describeStack(template, deployment, parameters);
  await messaging.create(stack.queues, stack.topics);

  const queueUrl = (arn: string): string =>
    stack.queues.find((queue) => queue.arn === arn)?.url ?? arn;
  const events = starting.use(
    await startEventBridge({
      region,
      accountId: ACCOUNT_ID,
      sqs,
      sns,
      queueUrl,
      onDropped: ({ targetArn, error }) =>
        warn(`an event for ${targetArn} was lost: ${describeError(error)}`),
    }),
  );
  for (const rule of stack.rules) putRule(events.bus, rule);

  const storage = starting.use(
    await startS3({
      root: options.directory,
      region,
      accountId: ACCOUNT_ID,
      emit: (event) => events.bus.publish(event),
    }),
  );
  for (const bucket of stack.buckets) storage.ensureBucket(bucket.name, bucket);
  const s3 = new S3Client({ ...SETTINGS, endpoint: storage.endpoint });
  starting.defer(() => s3.destroy());

  const parts = starting.move();
  return {
    stack,
    endpoints: {
      s3: storage.endpoint,
      sqs: messaging.endpoint,
      sns: messaging.endpoint,
      eventbridge: events.endpoint,
    },
    bus: events.bus,
    s3,
    sqs,
    queueUrl,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function putRule(bus: EventBus, { name, pattern, enabled, targets }: RuleSpec): void {
  try {
    bus.putRule({ name, pattern, enabled });
    bus.putTargets(name, targets.map(parseTarget));
  } catch (cause) {
    const reason = describeError(cause);
    throw new StartError(`The template's rule ${name} is invalid: ${reason}.`, { cause });
  }
}
