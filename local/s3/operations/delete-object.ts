import { deleteVersion, publishDeleted } from '../objects/delete-version.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteObject(s3: S3Service, request: S3Request): S3Reply {
  const versionId = request.query.get('versionId');
  const bucket = s3.store.buckets.get(request.bucket);
  const deletion = s3.store.commit((release) =>
    deleteVersion(s3.store, release, bucket, {
      key: request.key,
      versionId,
      match: request.headers.get('if-match'),
    }),
  );
  publishDeleted(s3, request, bucket, deletion);

  const headers: Record<string, string> = {};
  if (deletion.kind === 'marker-created') {
    headers['x-amz-version-id'] = deletion.version?.versionId ?? '';
  } else if (versionId !== undefined) {
    headers['x-amz-version-id'] = versionId;
  }
  if (deletion.version?.isMarker === true) headers['x-amz-delete-marker'] = 'true';
  return { status: 204, headers };
}
