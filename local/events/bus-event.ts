import { randomUUID } from 'node:crypto';

/**
 * The envelope that every target receives, with AWS's fields in AWS's order.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export type BusEvent = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in UTC, to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

export type EventContent = {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[];
  readonly at: Date;
};

/** Wraps the content in an envelope with a new id. */
export function createEvent(
  content: EventContent,
  owner: { readonly account: string; readonly region: string },
): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': content.detailType,
    source: content.source,
    account: owner.account,
    time: content.at.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: owner.region,
    resources: content.resources ?? [],
    detail: content.detail,
  };
}
