import { S3Error } from '../protocol/errors.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { branch, leaf, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html (without pagination) */
export function listBuckets(s3: S3Service, request: S3Request): S3Reply {
  const prefix = request.query.get('prefix') ?? '';
  const buckets = s3.store.buckets
    .list()
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, createdAtMs }) =>
      branch(
        'Bucket',
        leaf('Name', name),
        leaf('CreationDate', new Date(createdAtMs).toISOString()),
        leaf('BucketRegion', s3.region),
      ),
    );
  const owner = branch('Owner', leaf('ID', s3.accountId));
  return {
    status: 200,
    xml: xmlDocument('ListAllMyBucketsResult', owner, branch('Buckets', ...buckets)),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html (configuration documents are ignored) */
export function createBucket(s3: S3Service, request: S3Request): S3Reply {
  if (!BUCKET_NAME.test(request.bucket)) {
    throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', {
      details: { BucketName: request.bucket },
    });
  }
  s3.store.commit(() => {
    if (s3.store.buckets.find(request.bucket) !== undefined) {
      throw new S3Error(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { details: { BucketName: request.bucket } },
      );
    }
    s3.store.buckets.add(request.bucket);
  });
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export function headBucket(s3: S3Service, request: S3Request): S3Reply {
  s3.store.buckets.get(request.bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': s3.region } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export function deleteBucket(s3: S3Service, request: S3Request): S3Reply {
  s3.store.commit(() => {
    s3.store.buckets.get(request.bucket);
    s3.store.buckets.remove(request.bucket);
  });
  return { status: 204 };
}
