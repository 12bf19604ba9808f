import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { startEventBridge, type EventBridgeOptions } from '../../../local/events/server.ts';

export const REGION = process.env['AWS_REGION'] ?? 'eu-central-1';
export const ACCOUNT_ID = process.env['AWS_ACCOUNT_ID'] ?? '000000000000';

/** A target without its id. */
type NewTarget = Omit<Target, 'Id'>;
export type Queue = { readonly url: string; readonly arn: string };

/** Clients, and resources for tests, which are deleted at the end. */
export type EventWorld = AsyncDisposable & {
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly newQueue: () => Promise<Queue>;
  /** A topic that forwards raw messages to the queue. */
  readonly newTopic: (queue: Queue) => Promise<string>;
  /** Returns the ARN of a new rule with these targets. */
  readonly newRule: (
    pattern: object,
    targets: readonly NewTarget[],
    state?: 'ENABLED' | 'DISABLED',
  ) => Promise<{ readonly name: string; readonly arn: string }>;
};

const SETTINGS = {
  region: REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** fauxqs with clients for it. */
export async function startMessaging() {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const sqs = new SQSClient({ ...SETTINGS, endpoint, maxAttempts: 1 });
  const sns = new SNSClient({ ...SETTINGS, endpoint, maxAttempts: 1 });
  return {
    endpoint,
    sqs,
    sns,
    queueUrl: (arn: string) => `${endpoint}/${ACCOUNT_ID}/${arn.split(':').at(-1)}`,
    async [Symbol.asyncDispose]() {
      sqs.destroy();
      sns.destroy();
      await app.close();
    },
  };
}

/** The stand-in, or the endpoints in EVENTBRIDGE_ENDPOINT, SQS_ENDPOINT and SNS_ENDPOINT. */
export async function openEventWorld(
  onDropped?: EventBridgeOptions['onDropped'],
): Promise<EventWorld> {
  await using stack = new AsyncDisposableStack();
  const foreign = process.env['EVENTBRIDGE_ENDPOINT'];
  if (foreign !== undefined) {
    const sqsEndpoint = process.env['SQS_ENDPOINT'];
    if (sqsEndpoint === undefined) throw new Error('set SQS_ENDPOINT with EVENTBRIDGE_ENDPOINT');
    const snsEndpoint = process.env['SNS_ENDPOINT'] ?? sqsEndpoint;
    return world(
      new EventBridgeClient({ ...SETTINGS, endpoint: foreign }),
      new SQSClient({ ...SETTINGS, endpoint: sqsEndpoint }),
      new SNSClient({ ...SETTINGS, endpoint: snsEndpoint }),
      stack.move(),
    );
  }
  const messaging = stack.use(await startMessaging());
  const standIn = stack.use(
    await startEventBridge({
      region: REGION,
      accountId: ACCOUNT_ID,
      ...messaging,
      delay: () => Promise.resolve(),
      ...(onDropped && { onDropped }),
    }),
  );
  const events = new EventBridgeClient({ ...SETTINGS, endpoint: standIn.endpoint });
  return world(events, messaging.sqs, messaging.sns, stack.move());
}

function world(
  events: EventBridgeClient,
  sqs: SQSClient,
  sns: SNSClient,
  stack: AsyncDisposableStack,
): EventWorld {
  stack.defer(() => events.destroy());
  return {
    events,
    sqs,
    sns,
    async newQueue() {
      const queue = await createQueue(sqs);
      stack.defer(async () => {
        await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
      });
      return queue;
    },
    async newTopic(queue) {
      const arn = await createTopic(sns, queue);
      stack.defer(async () => {
        await sns.send(new DeleteTopicCommand({ TopicArn: arn }));
      });
      return arn;
    },
    async newRule(pattern, targets, state = 'ENABLED') {
      const name = `rule-${randomUUID()}`;
      stack.defer(() => deleteRule(events, name));
      const { RuleArn = '' } = await events.send(
        new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern), State: state }),
      );
      if (targets.length > 0) {
        await events.send(
          new PutTargetsCommand({
            Rule: name,
            Targets: targets.map((target, index) => ({ ...target, Id: `t${index}` })),
          }),
        );
      }
      return { name, arn: RuleArn };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function createQueue(sqs: SQSClient): Promise<Queue> {
  const { QueueUrl: url = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: `queue-${randomUUID()}` }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url, arn: Attributes?.['QueueArn'] ?? '' };
}

/** Receives and deletes the next message, waiting up to ten seconds. */
export async function receive(sqs: SQSClient, queue: Queue): Promise<Message> {
  const { Messages: [message] = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      WaitTimeSeconds: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  if (message === undefined) throw new Error('no message arrived');
  await sqs.send(
    new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: message.ReceiptHandle }),
  );
  return message;
}

/** The messages in the queue now. */
export async function peek(sqs: SQSClient, queue: Queue): Promise<readonly Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
  );
  return Messages;
}

/** Message attributes as plain text. */
export function attributesOf(message: Message): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]),
  );
}

async function createTopic(sns: SNSClient, queue: Queue): Promise<string> {
  const { TopicArn = '' } = await sns.send(
    new CreateTopicCommand({ Name: `topic-${randomUUID()}` }),
  );
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: queue.arn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  return TopicArn;
}

async function deleteRule(events: EventBridgeClient, name: string): Promise<void> {
  const { Targets = [] } = await events
    .send(new ListTargetsByRuleCommand({ Rule: name }))
    .catch(() => ({ Targets: [] }));
  if (Targets.length > 0) {
    const Ids = Targets.map(({ Id }) => Id ?? '');
    await events.send(new RemoveTargetsCommand({ Rule: name, Ids }));
  }
  await events.send(new DeleteRuleCommand({ Name: name }));
}
