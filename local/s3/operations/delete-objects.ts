import * as v from 'valibot';
import type { Deletion, DeletionTarget } from '../objects/delete-version.ts';
import { deleteVersion, publishDeleted } from '../objects/delete-version.ts';
import { S3Error } from '../protocol/errors.ts';
import { parsePayload } from '../protocol/payload.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { receiveText } from '../objects/store-body.ts';
import { branch, leaf, parseXml, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html: 1,000 keys in one request. */
const MAX_KEYS = 1000;

const DeleteDocument = v.object({
  Delete: v.object({
    Quiet: v.optional(v.string()),
    Object: v.pipe(
      v.array(
        v.object({
          Key: v.pipe(v.string(), v.minLength(1)),
          VersionId: v.optional(v.string()),
          ETag: v.optional(v.string()),
        }),
      ),
      v.maxLength(MAX_KEYS),
    ),
  }),
});

/** Each key is a separate change: an error for one does not affect the others. */
export async function deleteObjects(s3: S3Service, request: S3Request): Promise<S3Reply> {
  s3.store.buckets.get(request.bucket);
  const payload = parsePayload(request.headers);
  if (payload.md5 === undefined && payload.checksum === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
  const document = parseXml(await receiveText(request, payload), DeleteDocument);
  const isQuiet = document.Delete.Quiet?.trim() === 'true';
  const bucket = s3.store.buckets.get(request.bucket);

  const results = document.Delete.Object.map((object): string => {
    const target = { key: object.Key, versionId: object.VersionId, match: object.ETag };
    try {
      const deletion = s3.store.commit((release) =>
        deleteVersion(s3.store, release, bucket, target),
      );
      publishDeleted(s3, request, bucket, deletion);
      return isQuiet ? '' : renderDeleted(target, deletion);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      return branch(
        'Error',
        leaf('Key', target.key),
        leaf('VersionId', target.versionId),
        leaf('Code', error.code),
        leaf('Message', error.message),
      );
    }
  });
  return { status: 200, xml: xmlDocument('DeleteResult', ...results) };
}

function renderDeleted({ key, versionId }: DeletionTarget, { version }: Deletion): string {
  const isMarker = version?.isMarker === true;
  return branch(
    'Deleted',
    leaf('Key', key),
    leaf('VersionId', versionId),
    leaf('DeleteMarker', isMarker ? true : undefined),
    leaf('DeleteMarkerVersionId', isMarker ? version.versionId : undefined),
  );
}
