import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { IngestError } from '../model/ingest-error.ts';
import { encodeJson } from '../platform/encode-json.ts';
import { describeError } from '../platform/errors.ts';
import { inBatches } from './in-batches.ts';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;

/** Puts each notice on an event bus as `source: airlock`, `detail-type: File <Outcome>`. */
export function eventBridgeNotifier(events: EventBridgeClient, busName: string): Notifier {
  const put = inBatches<Notice>(async (notices, abortSignal) => {
    const command = new PutEventsCommand({
      Entries: notices.map((notice) => entryOf(notice, busName)),
    });
    const reply = await events.send(command, { abortSignal });
    // A refused entry does not make PutEvents throw.
    return notices.map((_notice, index) => {
      const entry = reply.Entries?.[index];
      if (entry?.EventId !== undefined) return undefined;
      return new Error(`${entry?.ErrorCode ?? 'NoAnswer'}: ${entry?.ErrorMessage ?? 'no answer'}`);
    });
  }, MAX_ENTRIES);
  return {
    async announce(notice, signal) {
      try {
        await put(notice, signal);
      } catch (error) {
        throw new IngestError('NOTICE_FAILED', `putting to EventBridge: ${describeError(error)}`, {
          cause: error,
        });
      }
    },
  };
}

function entryOf(notice: Notice, busName: string): PutEventsRequestEntry {
  const outcome = notice.outcome[0]?.toUpperCase() + notice.outcome.slice(1);
  return {
    EventBusName: busName,
    Source: 'airlock',
    DetailType: `File ${outcome}`,
    Detail: encodeJson(notice),
    Time: new Date(notice.at),
    Resources: notice.object ? [`arn:aws:s3:::${notice.object.bucket}`] : [],
  };
}
