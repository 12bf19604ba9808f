import { randomUUID } from 'node:crypto';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export type S3EventDetail = {
  readonly version: '0';
  readonly bucket: { readonly name: string };
  readonly object: {
    /** Raw, never URL-encoded (unlike S3's older notifications). */
    readonly key: string;
    readonly size?: number;
    /** Without quotes. */
    readonly etag?: string;
    /** Only in buckets that are or were versioned. */
    readonly 'version-id'?: string;
    /** 18 hexadecimal digits, increasing with each change of the key. */
    readonly sequencer?: string;
  };
  readonly 'request-id': string;
  readonly requester: string;
  readonly 'source-ip-address': string;
  readonly reason?: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload' | 'DeleteObject';
  readonly 'deletion-type'?: 'Delete Marker Created' | 'Permanently Deleted';
};

export type S3EventType =
  | 'Object Created'
  | 'Object Deleted'
  | 'Object Tags Added'
  | 'Object Tags Deleted';

/** An event as EventBridge delivers it. */
export type S3Event = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': S3EventType;
  readonly source: 'aws.s3';
  readonly account: string;
  /** ISO 8601 in whole seconds, UTC. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: S3EventDetail;
};

export function buildEvent(
  type: S3EventType,
  owner: { readonly accountId: string; readonly region: string },
  detail: S3EventDetail,
): S3Event {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': type,
    source: 'aws.s3',
    account: owner.accountId,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region: owner.region,
    resources: [`arn:aws:s3:::${detail.bucket.name}`],
    detail,
  };
}

/** Padded to a fixed length, as on AWS, so that text order is numeric order. */
export function formatSequencer(seq: number): string {
  return seq.toString(16).toUpperCase().padStart(18, '0');
}
