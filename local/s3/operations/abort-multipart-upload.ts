import type { S3Reply, S3Request, S3Service } from '../service.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export function abortMultipartUpload(s3: S3Service, request: S3Request): S3Reply {
  const { store } = s3;
  store.buckets.get(request.bucket);
  store.commit((release) => {
    const uploadId = request.query.get('uploadId') ?? '';
    const upload = store.uploads.get(request.bucket, request.key, uploadId);
    for (const content of store.uploads.remove(upload)) release(content);
  });
  return { status: 204 };
}
