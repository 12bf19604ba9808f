import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEventBridge } from '../../local/events/server.ts';
import { startFunction } from '../../local/lambda/function.ts';
import { openLogFile } from '../../local/log-file.ts';
import { startMessaging } from '../../local/messaging/messaging.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const REGION = 'eu-central-1';
const ACCOUNT_ID = '000000000000';
const SETTINGS = { region: REGION, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** SQS, SNS and EventBridge with an operations topic, and what was told there. */
export interface Operations extends AsyncDisposable {
  readonly sqs: SQSClient;
  readonly topicArn: string;
  newQueue(name: string): Promise<string>;
  /** Mails since the last call, as an SQS subscriber without raw delivery gets them. */
  mails(): Promise<readonly { readonly Subject: string; readonly Message: string }[]>;
  /** Airlock's own events since the last call. */
  events(): Promise<readonly { readonly 'detail-type': string; readonly detail: unknown }[]>;
  /** Runs a function's handler in a process of its own, as Lambda would. */
  invoke(
    source: string,
    environment: Readonly<Record<string, string>>,
    event: unknown,
  ): Promise<unknown>;
}

export async function openOperations(): Promise<Operations> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory()).path;
  const messaging = stack.use(await startMessaging(SETTINGS));
  const { sqs, sns, endpoint } = messaging;
  const queueUrl = (arn: string): string => `${endpoint}/${ACCOUNT_ID}/${arn.split(':').at(-1)}`;
  const arnOf = (url: string): string =>
    `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${url.split('/').at(-1)}`;
  const bus = stack.use(
    await startEventBridge({ region: REGION, accountId: ACCOUNT_ID, sqs, sns, queueUrl }),
  );
  // An SDK client that is not told its endpoint in code takes the one in the queue's URL.
  const newQueue = async (QueueName: string): Promise<string> => {
    await sqs.send(new CreateQueueCommand({ QueueName }));
    return queueUrl(QueueName);
  };
  const mailbox = await newQueue('mailbox');
  const eventbox = await newQueue('eventbox');
  const { TopicArn: topicArn = '' } = await sns.send(
    new CreateTopicCommand({ Name: 'operations' }),
  );
  await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: arnOf(mailbox) }),
  );
  const events = stack.adopt(
    new EventBridgeClient({ ...SETTINGS, endpoint: bus.endpoint }),
    (client) => client.destroy(),
  );
  const pattern = JSON.stringify({ source: ['airlock'] });
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: pattern }));
  const Targets = [{ Id: 'q', Arn: arnOf(eventbox) }];
  await events.send(new PutTargetsCommand({ Rule: 'all', Targets }));

  const parts = stack.move();
  return {
    sqs,
    topicArn,
    newQueue,
    mails: async () => (await drain(sqs, mailbox)) as { Subject: string; Message: string }[],
    events: async () =>
      (await drain(sqs, eventbox)) as { 'detail-type': string; detail: unknown }[],
    async invoke(source, environment, event) {
      await using log = await openLogFile({
        path: join(directory, 'function.log'),
        onTrouble: () => {},
      });
      await using running = await startFunction({
        spec: {
          logicalId: 'Function',
          name: 'function',
          arn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:function`,
          source,
          exportName: 'handler',
          timeoutMs: 60_000,
          memoryMb: 512,
          maxConcurrency: 1,
          environment,
          queues: [],
          schedules: [],
        },
        root: ROOT,
        settings: SETTINGS,
        endpoints: { s3: endpoint, sqs: endpoint, sns: endpoint, eventbridge: bus.endpoint },
        sqs,
        queueUrl,
        log,
        onError: () => {},
      });
      return await running.invoke(event);
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function drain(sqs: SQSClient, QueueUrl: string): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
