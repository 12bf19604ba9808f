import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { describeError, IngestError } from '../platform/errors.ts';
import { filterAttributes } from './attributes.ts';
import type { Notifier } from './notifier.ts';

/** Publishes to the notices topic, with attributes for subscribers' filter policies. */
export function snsNotifier(sns: SNSClient, topicArn: string): Notifier {
  return {
    async announce(notice, signal) {
      const command = new PublishCommand({
        TopicArn: topicArn,
        // Fixed words: a key here (line breaks, umlauts, length) would lose the alert.
        Subject: `Airlock: file ${notice.outcome}`,
        Message: JSON.stringify(notice),
        MessageAttributes: Object.fromEntries(
          Object.entries(filterAttributes(notice)).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      });
      try {
        await sns.send(command, { abortSignal: signal });
      } catch (error) {
        throw new IngestError('NOTICE_FAILED', `publishing to SNS: ${describeError(error)}`, {
          cause: error,
        });
      }
    },
  };
}
