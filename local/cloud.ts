import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { describeError } from '../shared/platform/errors.ts';
import type { ClientSettings } from './client-settings.ts';
import type { EventBus } from './events/event-bus.ts';
import { startEventBridge } from './events/server.ts';
import { parseTarget } from './events/target.ts';
import { startMessaging } from './messaging/messaging.ts';
import { privateDirectory } from './private-directory.ts';
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
  /** Holds the objects (`s3/`) and the messages that survive a restart (`queues/`). */
  readonly home: string;
  /** On 127.0.0.1. Default 0: any free one. */
  readonly ports?: Partial<Ports>;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly warn: (what: string) => void;
};

/** SQS and SNS share a listener. */
export type Ports = { readonly s3: number; readonly eventbridge: number; readonly sqs: number };

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
  /** Whether the dead letters of an earlier run are here. */
  readonly remembersDeadLetters: boolean;
}

/** Starts them on 127.0.0.1. @throws StartError for an invalid template, and for a port that is taken */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { home, template, parameters, ports = {}, warn } = options;
  const { region } = SETTINGS;
  await using starting = new AsyncDisposableStack();

  const messaging = starting.use(
    await startMessaging(SETTINGS, {
      ...(ports.sqs !== undefined && { port: ports.sqs }),
      keptFile: join(await privateDirectory(join(home, 'queues')), 'messages.db'),
      onTrouble: warn,
    }),
  );
  const { sqs, sns } = messaging;
  const deployment = {
    region,
    accountId: ACCOUNT_ID,
    stackName: STACK_NAME,
    sqsEndpoint: messaging.endpoint,
  };
  const stack = describeStack(template, deployment, parameters);
  // What a function takes from its queue the sweep brings back; nothing brings back what waits for a person.
  const isPolled = (arn: string): boolean =>
    stack.functions.some(({ queues }) => queues.some(({ queueArn }) => queueArn === arn));
  await messaging.create(stack.queues, stack.topics, ({ arn }) => !isPolled(arn));

  const queueUrl = (arn: string): string =>
    stack.queues.find((queue) => queue.arn === arn)?.url ?? arn;
  const events = starting.use(
    await startEventBridge({
      region,
      accountId: ACCOUNT_ID,
      ...(ports.eventbridge !== undefined && { port: ports.eventbridge }),
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
      root: await privateDirectory(join(home, 's3')),
      ...(ports.s3 !== undefined && { port: ports.s3 }),
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
    remembersDeadLetters: messaging.remembers,
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
