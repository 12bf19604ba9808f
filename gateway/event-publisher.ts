import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { Publish } from './session/audit/audit.ts';

/** Sources that begin with `aws.` are reserved for AWS. */
const SOURCE = 'airlock.gateway';

/** Bounds the memory used while EventBridge does not answer. */
const MAX_PENDING = 1000;

/**
 * Puts the gateway's events on a bus. Best effort, as AWS Transfer Family's own are: `onLost` is called
 * for each event that EventBridge did not accept.
 */
export function eventPublisher(
  eventBridge: EventBridgeClient,
  bus: string,
  onLost: (why: unknown) => void,
): Publish {
  let pendingCount = 0;
  return ({ detailType, detail }) => {
    if (pendingCount >= MAX_PENDING) {
      onLost(new Error(`${MAX_PENDING} events are waiting for EventBridge`));
      return;
    }
    const entry = {
      EventBusName: bus,
      Source: SOURCE,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    };
    pendingCount += 1;
    void put(eventBridge, entry)
      .catch(onLost)
      .finally(() => {
        pendingCount -= 1;
      });
  };
}

/** @throws Error also when EventBridge answers that it rejected the event */
async function put(eventBridge: EventBridgeClient, entry: PutEventsRequestEntry): Promise<void> {
  const { Entries: [result] = [] } = await eventBridge.send(
    new PutEventsCommand({ Entries: [entry] }),
  );
  if (result?.ErrorCode !== undefined) throw new Error(result.ErrorMessage);
}
