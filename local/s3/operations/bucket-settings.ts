import * as v from 'valibot';
import { S3Error } from '../protocol/errors.ts';
import { parsePayload } from '../protocol/payload.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { receiveText } from '../objects/store-body.ts';
import { branch, leaf, parseXml, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: empty for us-east-1. */
export function getBucketLocation(s3: S3Service, request: S3Request): S3Reply {
  s3.store.buckets.get(request.bucket);
  const location = s3.region === 'us-east-1' ? '' : s3.region;
  return {
    status: 200,
    xml: xmlDocument('LocationConstraint', location),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export function getBucketVersioning(s3: S3Service, request: S3Request): S3Reply {
  const { versioning } = s3.store.buckets.get(request.bucket);
  const status = leaf('Status', versioning === 'Never' ? undefined : versioning);
  return { status: 200, xml: xmlDocument('VersioningConfiguration', status) };
}

const VersioningDocument = v.object({
  VersioningConfiguration: v.object({
    Status: v.picklist(['Enabled', 'Suspended']),
    MfaDelete: v.optional(v.literal('Disabled')),
  }),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export async function putBucketVersioning(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const text = await receiveText(request, parsePayload(request.headers));
  const { Status } = parseXml(text, VersioningDocument).VersioningConfiguration;
  s3.store.commit(() => {
    const { eventBridge } = s3.store.buckets.get(request.bucket);
    s3.store.buckets.set(request.bucket, { eventBridge, versioning: Status });
  });
  return { status: 200 };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html */
export function getBucketNotification(s3: S3Service, request: S3Request): S3Reply {
  const { eventBridge } = s3.store.buckets.get(request.bucket);
  const configuration = eventBridge ? branch('EventBridgeConfiguration') : '';
  return { status: 200, xml: xmlDocument('NotificationConfiguration', configuration) };
}

const NotificationDocument = v.object({ NotificationConfiguration: v.unknown() });
const OnlyEventBridge = v.union([
  v.string(),
  v.strictObject({ EventBridgeConfiguration: v.unknown(), '#text': v.optional(v.string()) }),
]);

/**
 * EventBridge on or off; queues, topics and functions are refused.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */
export async function putBucketNotification(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const text = await receiveText(request, parsePayload(request.headers));
  const { NotificationConfiguration } = parseXml(text, NotificationDocument);
  const parsed = v.safeParse(OnlyEventBridge, NotificationConfiguration);
  if (!parsed.success) {
    throw new S3Error(
      'NotImplemented',
      'PutBucketNotificationConfiguration is implemented for EventBridgeConfiguration only.',
    );
  }
  s3.store.commit(() => {
    const { versioning } = s3.store.buckets.get(request.bucket);
    const eventBridge = typeof parsed.output !== 'string';
    s3.store.buckets.set(request.bucket, { versioning, eventBridge });
  });
  return { status: 200 };
}
