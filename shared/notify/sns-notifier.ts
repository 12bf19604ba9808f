import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { IngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import { filterAttributes } from './attributes.ts';
import { inBatches } from './in-batches.ts';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const MOST_ENTRIES = 10;

/** Publishes to the notices topic, with attributes for subscribers' filter policies. */
export function snsNotifier(sns: SNSClient, topicArn: string): Notifier {
  const publish = inBatches<Notice>(async (notices, abortSignal) => {
    const command = new PublishBatchCommand({
      TopicArn: topicArn,
      PublishBatchRequestEntries: notices.map((notice, index) => entryOf(notice, String(index))),
    });
    const { Successful = [], Failed = [] } = await sns.send(command, { abortSignal });
    return notices.map((_notice, index) => {
      const isThis = ({ Id }: { Id?: string | undefined }): boolean => Id === String(index);
      if (Successful.some(isThis)) return undefined;
      const { Code, Message } = Failed.find(isThis) ?? { Code: 'NoAnswer', Message: 'no answer' };
      return new Error(`${Code}: ${Message}`);
    });
  }, MOST_ENTRIES);
  return {
    async announce(notice, signal) {
      try {
        await publish(notice, signal);
      } catch (error) {
        throw new IngestError('NOTICE_FAILED', `publishing to SNS: ${describeError(error)}`, {
          cause: error,
        });
      }
    },
  };
}

function entryOf(notice: Notice, Id: string): PublishBatchRequestEntry {
  return {
    Id,
    // Fixed words: a key here (line breaks, umlauts, length) would lose the alert.
    Subject: `Airlock: file ${notice.outcome}`,
    Message: JSON.stringify(notice),
    MessageAttributes: Object.fromEntries(
      Object.entries(filterAttributes(notice)).map(([name, StringValue]) => [
        name,
        { DataType: 'String', StringValue },
      ]),
    ),
  };
}
