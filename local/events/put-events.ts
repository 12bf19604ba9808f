import * as v from 'valibot';
import { createEvent, type BusEvent } from './bus-event.ts';
import { EventBridgeError } from './errors.ts';
import type { EventBus } from './event-bus.ts';
import { isNestedDeeper, isObject } from './pattern/json.ts';

const EntryInput = v.object({
  Source: v.optional(v.string()),
  DetailType: v.optional(v.string()),
  Detail: v.optional(v.string()),
  Resources: v.optional(v.array(v.string())),
  /** Seconds since 1970, with fractions. */
  Time: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e12))),
  EventBusName: v.optional(v.string()),
  TraceHeader: v.optional(v.string()),
});
type Entry = v.InferOutput<typeof EntryInput>;

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const PutEventsInput = v.object({ Entries: v.array(EntryInput) });

// Sources: the page above, and the one below on the size of an entry.
const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1024 * 1024;
const MAX_LEVELS = 1000;
const MAX_DETAIL_TYPE_CHARACTERS = 128;

export type PutEventsContext = {
  readonly bus: EventBus;
  readonly region: string;
  readonly accountId: string;
  readonly now: () => Date;
  /** Called for events for a bus that does not exist; PutEvents accepts them. */
  readonly onUnknownBus: (busName: string, event: BusEvent) => void;
};

type EntryResult =
  | { readonly EventId: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

/**
 * Publishes the valid entries and returns a result for each entry. Like AWS it does not wait for
 * deliveries.
 *
 * @throws {EventBridgeError} if the request as a whole is refused
 */
export function putEvents(
  { Entries }: v.InferOutput<typeof PutEventsInput>,
  context: PutEventsContext,
) {
  if (Entries.length === 0 || Entries.length > MAX_ENTRIES) {
    throw invalid(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: ` +
        `Member must have length between 1 and ${MAX_ENTRIES}`,
    );
  }
  const sizeBytes = Entries.reduce((sum, entry) => sum + entrySizeBytes(entry), 0);
  if (sizeBytes >= MAX_REQUEST_BYTES) {
    throw invalid('Total size of the entries in the request is over the limit.');
  }
  const results = Entries.map((entry) => putEntry(entry, context));
  return {
    FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
    Entries: results,
  };
}

function putEntry(entry: Entry, context: PutEventsContext): EntryResult {
  const { bus, region, accountId, now, onUnknownBus } = context;
  const { Source, DetailType, Detail, TraceHeader } = entry;
  if (!Source) return missing('Source');
  if (!DetailType) return missing('DetailType');
  if (!Detail) return missing('Detail');
  if (DetailType.length > MAX_DETAIL_TYPE_CHARACTERS) {
    return refused('InvalidArgument', 'Parameter DetailType is not valid. Reason: it is too long.');
  }
  const detail = parseJson(Detail);
  if (!isObject(detail) || isNestedDeeper(detail, MAX_LEVELS)) {
    return refused('MalformedDetail', 'Detail is malformed.');
  }
  if (Source.startsWith('aws.')) {
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  const event = createEvent(
    {
      source: Source,
      detailType: DetailType,
      detail,
      ...(entry.Resources && { resources: entry.Resources }),
      at: entry.Time === undefined ? now() : new Date(entry.Time * 1000),
    },
    { account: accountId, region },
  );
  const busName = entry.EventBusName ?? 'default';
  if (busName !== 'default' && busName !== bus.arn) {
    // AWS accepts and drops such an event too: https://github.com/aws/aws-sdk/issues/186
    onUnknownBus(busName, event);
    return { EventId: event.id };
  }
  void bus.publish(event, TraceHeader === undefined ? {} : { traceHeader: TraceHeader });
  return { EventId: event.id };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function entrySizeBytes(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return textBytes + (entry.Time === undefined ? 0 : 14);
}

function missing(name: string): EntryResult {
  return refused(
    'InvalidArgument',
    `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  );
}

function refused(code: string, message: string): EntryResult {
  return { ErrorCode: code, ErrorMessage: message };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(message: string): EventBridgeError {
  return new EventBridgeError('ValidationException', message);
}
