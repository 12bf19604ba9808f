import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { Publish } from './session/audit/audit.ts';

/** `aws.transfer` is AWS's own; nobody else may use it. */
const SOURCE = 'airlock.gateway';

/** An EventBridge that does not answer costs no more memory than this. */
const MAX_UNDER_WAY = 1000;

/**
 * Puts the events of the gateway on a bus. Best effort, as AWS Transfer Family's own are: whatever is not
 * taken is lost, and `onLost` hears of it.
 */
export function eventPublisher(
  eventBridge: EventBridgeClient,
  bus: string,
  onLost: (why: unknown) => void,
): Publish {
  let underWay = 0;
  return ({ detailType, detail }) => {
    if (underWay >= MAX_UNDER_WAY) {
      onLost(new Error(`${MAX_UNDER_WAY} events are waiting for EventBridge`));
      return;
    }
    const entry = {
      EventBusName: bus,
      Source: SOURCE,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    };
    underWay += 1;
    void put(eventBridge, entry)
      .catch(onLost)
      .finally(() => {
        underWay -= 1;
      });
  };
}

/** @throws Error also when the answer is that the event was not taken */
async function put(eventBridge: EventBridgeClient, entry: PutEventsRequestEntry): Promise<void> {
  const { Entries: [result] = [] } = await eventBridge.send(
    new PutEventsCommand({ Entries: [entry] }),
  );
  if (result?.ErrorCode !== undefined) throw new Error(result.ErrorMessage);
}
