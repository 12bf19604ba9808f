import type { BuildAppOptions } from 'fauxqs';
import * as v from 'valibot';

type Stores = NonNullable<BuildAppOptions['stores']>;

/** A message as fauxqs holds it. */
export const StoredMessage = v.object({
  messageId: v.string(),
  body: v.string(),
  md5OfBody: v.string(),
  messageAttributes: v.record(
    v.string(),
    v.object({
      DataType: v.string(),
      StringValue: v.exactOptional(v.string()),
      BinaryValue: v.exactOptional(v.string()),
    }),
  ),
  md5OfMessageAttributes: v.string(),
  /** Epoch milliseconds. */
  sentTimestamp: v.number(),
  approximateReceiveCount: v.number(),
});
export type StoredMessage = v.InferOutput<typeof StoredMessage>;

const ignore = (): void => {};

/** A module beside fauxqs's entry. */
async function load(path: string) {
  return await import(new URL(path, import.meta.resolve('fauxqs')).href);
}

/** Told before a queue changes. */
export type MessageListener = {
  readonly onInserted: (queue: string, message: StoredMessage) => void;
  readonly onDeleted: (messageId: string) => void;
  readonly onPurged: (queue: string) => void;
};

/**
 * The stores of a fauxqs, which tell of every message that comes and goes.
 *
 * fauxqs's own persistence keeps all queues, and loses messages that a receiver has given back; Airlock keeps a few queues
 * itself. Since the package does not export its stores, they are loaded by their place beside its entry. Its version is
 * pinned, and test/local/restart.test.ts fails when that place or the calls below change.
 */
export async function observedStores(listener: MessageListener): Promise<Stores> {
  const { SqsStore } = await load('sqs/sqsStore.js');
  const { SnsStore } = await load('sns/snsStore.js');
  const { S3Store } = await load('s3/s3Store.js');
  const stores: Stores = {
    sqsStore: new SqsStore(),
    snsStore: new SnsStore(),
    s3Store: new S3Store(),
  };
  Reflect.set(stores.sqsStore, 'persistence', {
    insertMessage: (queue: string, message: unknown) =>
      listener.onInserted(queue, v.parse(StoredMessage, message)),
    deleteMessage: listener.onDeleted,
    deleteQueueMessages: listener.onPurged,
    deleteQueue: listener.onPurged,
    insertQueue: ignore,
    updateQueueAttributes: ignore,
    updateQueueSequenceCounter: ignore,
    // A visibility timeout ends with the process: after a restart every message is visible.
    updateMessageInflight: ignore,
    updateMessageReady: ignore,
  });
  return stores;
}
