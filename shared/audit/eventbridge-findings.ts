import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { encodeJson } from '../platform/encode-json.ts';
import type { Finding } from './finding.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const ENTRIES_PER_CALL = 10;

/** Puts each finding on an event bus as `source: airlock`, `detail-type: Endpoint Finding`. */
export async function putFindings(
  events: EventBridgeClient,
  busName: string,
  findings: readonly Finding[],
  signal: AbortSignal,
): Promise<void> {
  for (let first = 0; first < findings.length; first += ENTRIES_PER_CALL) {
    const entries = findings.slice(first, first + ENTRIES_PER_CALL).map((finding) => ({
      EventBusName: busName,
      Source: 'airlock',
      DetailType: 'Endpoint Finding',
      Detail: encodeJson(finding),
      Time: new Date(finding.at),
      Resources: finding.server?.arn === undefined ? [] : [finding.server.arn],
    }));
    const reply = await events.send(new PutEventsCommand({ Entries: entries }), {
      abortSignal: signal,
    });
    const refused = reply.Entries?.find((entry) => entry.ErrorCode !== undefined);
    // PutEvents does not throw for a refused entry.
    if (refused) throw new Error(`EventBridge: ${refused.ErrorCode}: ${refused.ErrorMessage}`);
  }
}
