import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describeError, IngestError } from '../platform/errors.ts';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';

/** Puts each notice on an event bus as `source: airlock`, `detail-type: File <Outcome>`. */
export function eventBridgeNotifier(events: EventBridgeClient, busName: string): Notifier {
  return {
    async announce(notice, signal) {
      try {
        const reply = await events.send(entryOf(notice, busName), { abortSignal: signal });
        const refused = reply.Entries?.find((entry) => entry.ErrorCode !== undefined);
        // A refused entry does not make PutEvents throw.
        if (refused) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
      } catch (error) {
        throw new IngestError('NOTICE_FAILED', `putting to EventBridge: ${describeError(error)}`, {
          cause: error,
        });
      }
    },
  };
}

function entryOf(notice: Notice, busName: string): PutEventsCommand {
  const outcome = notice.outcome[0]?.toUpperCase() + notice.outcome.slice(1);
  return new PutEventsCommand({
    Entries: [
      {
        EventBusName: busName,
        Source: 'airlock',
        DetailType: `File ${outcome}`,
        Detail: JSON.stringify(notice),
        Time: new Date(notice.at),
        Resources: notice.object ? [`arn:aws:s3:::${notice.object.bucket}`] : [],
      },
    ],
  });
}
