import { S3Error } from './errors.ts';
import type { Target } from './target.ts';

type Route = {
  readonly on: 'service' | 'bucket' | 'object';
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Required query parameters. */
  readonly needs?: readonly string[];
  /** Optional query parameters. */
  readonly allows?: readonly string[];
  /** Whether `x-amz-copy-source` is required. */
  readonly copies?: true;
};

const LIST = ['prefix', 'delimiter', 'encoding-type'];
const OVERRIDES = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
];

/** All operations of the stand-in, and how their requests are recognized. */
const ROUTES = {
  ListBuckets: {
    on: 'service',
    method: 'GET',
    allows: ['max-buckets', 'prefix', 'continuation-token', 'bucket-region'],
  },
  CreateBucket: { on: 'bucket', method: 'PUT' },
  HeadBucket: { on: 'bucket', method: 'HEAD' },
  DeleteBucket: { on: 'bucket', method: 'DELETE' },
  GetBucketLocation: { on: 'bucket', method: 'GET', needs: ['location'] },
  GetBucketVersioning: { on: 'bucket', method: 'GET', needs: ['versioning'] },
  PutBucketVersioning: { on: 'bucket', method: 'PUT', needs: ['versioning'] },
  GetBucketNotificationConfiguration: { on: 'bucket', method: 'GET', needs: ['notification'] },
  PutBucketNotificationConfiguration: { on: 'bucket', method: 'PUT', needs: ['notification'] },
  ListObjects: { on: 'bucket', method: 'GET', allows: [...LIST, 'max-keys', 'marker'] },
  ListObjectsV2: {
    on: 'bucket',
    method: 'GET',
    needs: ['list-type'],
    allows: [...LIST, 'max-keys', 'continuation-token', 'start-after', 'fetch-owner'],
  },
  ListObjectVersions: {
    on: 'bucket',
    method: 'GET',
    needs: ['versions'],
    allows: [...LIST, 'max-keys', 'key-marker', 'version-id-marker'],
  },
  ListMultipartUploads: {
    on: 'bucket',
    method: 'GET',
    needs: ['uploads'],
    allows: [...LIST, 'max-uploads', 'key-marker', 'upload-id-marker'],
  },
  DeleteObjects: { on: 'bucket', method: 'POST', needs: ['delete'] },

  GetObject: { on: 'object', method: 'GET', allows: ['versionId', ...OVERRIDES] },
  HeadObject: { on: 'object', method: 'HEAD', allows: ['versionId', ...OVERRIDES] },
  PutObject: { on: 'object', method: 'PUT' },
  CopyObject: { on: 'object', method: 'PUT', copies: true },
  DeleteObject: { on: 'object', method: 'DELETE', allows: ['versionId'] },
  GetObjectTagging: { on: 'object', method: 'GET', needs: ['tagging'], allows: ['versionId'] },
  PutObjectTagging: { on: 'object', method: 'PUT', needs: ['tagging'], allows: ['versionId'] },
  DeleteObjectTagging: {
    on: 'object',
    method: 'DELETE',
    needs: ['tagging'],
    allows: ['versionId'],
  },
  CreateMultipartUpload: { on: 'object', method: 'POST', needs: ['uploads'] },
  UploadPart: { on: 'object', method: 'PUT', needs: ['uploadId', 'partNumber'] },
  UploadPartCopy: {
    on: 'object',
    method: 'PUT',
    needs: ['uploadId', 'partNumber'],
    copies: true,
  },
  ListParts: {
    on: 'object',
    method: 'GET',
    needs: ['uploadId'],
    allows: ['max-parts', 'part-number-marker', 'encoding-type'],
  },
  CompleteMultipartUpload: { on: 'object', method: 'POST', needs: ['uploadId'] },
  AbortMultipartUpload: { on: 'object', method: 'DELETE', needs: ['uploadId'] },
} as const satisfies Record<string, Route>;

export type Operation = keyof typeof ROUTES;

const ENTRIES = Object.keys(ROUTES)
  .filter(isOperation)
  .map((operation): [Operation, Route] => [operation, ROUTES[operation]]);

function isOperation(name: string): name is Operation {
  return name in ROUTES;
}

/** Parameters that do not select an operation: the SDK's `x-id`, and those of presigned requests. */
const IGNORED = /^(?:x-id$|x-amz-)/i;

/**
 * The operation of a request. One with an unknown query parameter is refused: `PUT ?acl` must never be taken for a PUT of
 * the object.
 *
 * @throws S3Error NotImplemented, naming the request
 */
export function route(method: string, target: Target, isCopy: boolean): Operation {
  const on = target.bucket === '' ? 'service' : target.key === '' ? 'bucket' : 'object';
  const parameters = [...target.query.keys()].filter((name) => !IGNORED.test(name));
  for (const [operation, { needs = [], allows = [], ...rest }] of ENTRIES) {
    if (
      rest.on === on &&
      rest.method === method &&
      (rest.copies ?? false) === isCopy &&
      needs.every((name) => parameters.includes(name)) &&
      parameters.every((name) => needs.includes(name) || allows.includes(name))
    ) {
      return operation;
    }
  }
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  const asked = target.query.get('x-id') ?? `${method} ${query} on ${article(on)}`;
  throw new S3Error('NotImplemented', `The S3 stand-in does not implement ${asked}.`);
}

function article(on: Route['on']): string {
  return on === 'object' ? 'an object' : on === 'bucket' ? 'a bucket' : 'the service';
}
