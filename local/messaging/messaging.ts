import { SNSClient } from '@aws-sdk/client-sns';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import type { ClientSettings } from '../client-settings.ts';
import type { QueueSpec, TopicSpec } from '../stack/stack.ts';

/** SQS and SNS in memory, on one endpoint. */
export interface Messaging extends AsyncDisposable {
  readonly endpoint: string;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  create(queues: readonly QueueSpec[], topics: readonly TopicSpec[]): Promise<void>;
}

/** Starts fauxqs on a free port of 127.0.0.1. */
export async function startMessaging(settings: ClientSettings): Promise<Messaging> {
  const app = buildApp({ logger: false, defaultRegion: settings.region });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const sqs = new SQSClient({ ...settings, endpoint });
  const sns = new SNSClient({ ...settings, endpoint });
  return {
    endpoint,
    sqs,
    sns,
    async create(queues, topics) {
      // Dead-letter queues first: creating a queue with a redrive policy requires its dead-letter queue.
      const ordered = queues.toSorted((a, b) => Number(redrives(a)) - Number(redrives(b)));
      for (const { name, attributes } of ordered) {
        await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
      }
      for (const { name } of topics) await sns.send(new CreateTopicCommand({ Name: name }));
    },
    async [Symbol.asyncDispose]() {
      sqs.destroy();
      sns.destroy();
      // Open long polls would delay the close.
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function redrives({ attributes }: QueueSpec): boolean {
  return 'RedrivePolicy' in attributes;
}
