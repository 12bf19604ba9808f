import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { refusalOf } from '../browser-guard.ts';
import type { ClientSettings } from '../client-settings.ts';
import { onPort } from '../../shared/platform/listening-port.ts';
import type { QueueSpec, TopicSpec } from '../stack/stack.ts';
import { observedStores } from './fauxqs-stores.ts';
import { KeptMessages } from './kept-messages.ts';

export type MessagingOptions = {
  /** On 127.0.0.1. Default 0: any free one. */
  readonly port?: number;
  /** File for the messages that survive a restart. Default: none does. */
  readonly keptFile?: string;
  /** Called when that file cannot be written, and when it can again. */
  readonly onTrouble?: (what: string) => void;
};

/** SQS and SNS in memory, on one endpoint; some queues are kept on disk, too. */
export interface Messaging extends AsyncDisposable {
  readonly endpoint: string;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** Whether an earlier run has kept its queues here. */
  readonly remembers: boolean;
  /**
   * Creates the template's queues and topics, and puts back what was in the kept queues when the last run ended, however
   * it ended. Subscriptions, and queues that others have created, end with the process.
   */
  create(
    queues: readonly QueueSpec[],
    topics: readonly TopicSpec[],
    isKept?: (queue: QueueSpec) => boolean,
  ): Promise<void>;
}

/** Starts fauxqs on 127.0.0.1. @throws StartError when the port is taken */
export async function startMessaging(
  settings: ClientSettings,
  { port = 0, keptFile = ':memory:', onTrouble = () => {} }: MessagingOptions = {},
): Promise<Messaging> {
  await using starting = new AsyncDisposableStack();
  const kept = starting.use(new KeptMessages(keptFile, onTrouble));
  const keptNames = new Set<string>();
  const stores = await observedStores({
    onInserted: (queue, message) => keptNames.has(queue) && kept.insert(queue, message),
    onDeleted: (messageId) => kept.delete(messageId),
    onPurged: (queue) => keptNames.has(queue) && kept.purge(queue),
  });
  const app = buildApp({ logger: false, defaultRegion: settings.region, stores });
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalOf(request.headers);
    if (refusal === undefined) done();
    else void reply.code(403).type('text/plain; charset=utf-8').send(`${refusal}\n`);
  });
  const endpoint = await onPort(port, 'AIRLOCK_SQS_PORT', () =>
    app.listen({ host: '127.0.0.1', port }),
  );
  starting.defer(async () => {
    // Open long polls would delay the close.
    app.server.closeAllConnections();
    await app.close();
  });
  const sqs = new SQSClient({ ...settings, endpoint });
  const sns = new SNSClient({ ...settings, endpoint });
  starting.defer(() => sqs.destroy());
  starting.defer(() => sns.destroy());
  const parts = starting.move();
  return {
    endpoint,
    sqs,
    sns,
    remembers: !kept.isNew,
    async create(queues, topics, isKept = () => false) {
      // Dead-letter queues first: creating a queue with a redrive policy requires its dead-letter queue.
      const ordered = queues.toSorted((a, b) => Number(redrives(a)) - Number(redrives(b)));
      for (const { name, attributes } of ordered) {
        await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
      }
      for (const { name } of topics) await sns.send(new CreateTopicCommand({ Name: name }));
      for (const { name } of queues.filter(isKept)) keptNames.add(name);
      for (const { queue, message } of kept.all()) {
        stores.sqsStore.getQueueByName(queue)?.enqueue(message);
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function redrives({ attributes }: QueueSpec): boolean {
  return 'RedrivePolicy' in attributes;
}
