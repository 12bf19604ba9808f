import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { visibleJson } from '../platform/control-characters.ts';
import type { OperatorAct } from './operator-act.ts';

/** S3's events arrive on the default bus, so that is where Airlock's are. */
const BUS = 'default';

export const ACT_DETAIL_TYPE = 'Operator Act';

/**
 * Puts an act on the event bus as `source: airlock`, `detail-type: Operator Act`. May be repeated.
 *
 * @throws the SDK's errors, and Error for an entry that was refused
 */
export async function putAct(
  events: EventBridgeClient,
  act: OperatorAct,
  signal: AbortSignal,
): Promise<void> {
  const entry = {
    EventBusName: BUS,
    Source: 'airlock',
    DetailType: ACT_DETAIL_TYPE,
    Detail: visibleJson(act),
    Time: new Date(act.at),
  };
  const reply = await events.send(new PutEventsCommand({ Entries: [entry] }), {
    abortSignal: signal,
  });
  // PutEvents does not throw for a refused entry.
  const refused = reply.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (refused) throw new Error(`EventBridge: ${refused.ErrorCode}: ${refused.ErrorMessage}`);
}
