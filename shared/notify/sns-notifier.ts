import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { IngestError } from '../model/ingest-error.ts';
import { escapeControlCharacters } from '../platform/control-characters.ts';
import { encodeJson } from '../platform/encode-json.ts';
import { describeError } from '../platform/errors.ts';
import { inBatches } from './in-batches.ts';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const MAX_ENTRIES = 10;

/** Upper bounds, exclusive, in bytes; beyond the last one it is `huge`. */
const SIZE_CLASSES = [
  ['empty', 1],
  ['small', 1_000_000],
  ['medium', 100_000_000],
  ['large', 1_000_000_000],
] as const;

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
  }, MAX_ENTRIES);
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
    // No key in it: SNS refuses subjects with line breaks, umlauts or over 100 characters.
    Subject: `Airlock: file ${notice.outcome}`,
    Message: encodeJson(notice),
    MessageAttributes: Object.fromEntries(
      Object.entries(filterAttributes(notice)).map(([name, StringValue]) => [
        name,
        { DataType: 'String', StringValue },
      ]),
    ),
  };
}

/**
 * What subscribers can filter by, as SNS message attributes. A filter policy takes at most five
 * keys, so there are five. Absent ones have no value that SNS would accept.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 */
export function filterAttributes(notice: Notice): Readonly<Record<string, string>> {
  const { outcome, partner, object } = notice;
  const extension = object && extensionOf(object.key);
  const firstDirectory = object && firstDirectoryOf(object.key);
  return {
    outcome,
    ...(partner !== undefined && { partner: printable(partner) }),
    ...(object && { sizeClass: sizeClass(object.sizeBytes) }),
    ...(extension && { extension: printable(extension) }),
    ...(firstDirectory && { firstDirectory: printable(firstDirectory) }),
  };
}

function sizeClass(sizeBytes: number): string {
  return SIZE_CLASSES.find(([, below]) => sizeBytes < below)?.[0] ?? 'huge';
}

/** In lower case, without the dot; a name that only begins with a dot has none. */
function extensionOf(key: string): string | undefined {
  return /[^/]\.([^./]+)$/.exec(key)?.[1]?.toLowerCase();
}

function firstDirectoryOf(key: string): string | undefined {
  return /^([^/]+)\//.exec(key)?.[1];
}

/** SNS takes no control characters in an attribute. */
function printable(text: string): string {
  return escapeControlCharacters(text.toWellFormed());
}
