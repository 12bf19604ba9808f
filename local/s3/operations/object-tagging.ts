import * as v from 'valibot';
import { findVersion, versionForEvent, versionHeaders } from '../objects/find-version.ts';
import type { Pairs } from '../protocol/pairs.ts';
import { parsePayload } from '../protocol/payload.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { receiveText } from '../objects/store-body.ts';
import { checkTags } from '../protocol/tags.ts';
import { branch, leaf, parseXml, xmlDocument } from '../protocol/xml.ts';

const TaggingDocument = v.object({
  Tagging: v.object({
    // The parser returns an element without children as text; for an empty set it is blank.
    TagSet: v.union([
      v.pipe(v.string(), v.regex(/^\s*$/)),
      v.object({ Tag: v.array(v.object({ Key: v.string(), Value: v.string() })) }),
    ]),
  }),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export function getObjectTagging(s3: S3Service, request: S3Request): S3Reply {
  const bucket = s3.store.buckets.get(request.bucket);
  const version = findVersion(s3.store, bucket, request.key, request.query.get('versionId'));
  const tags = version.tags.map(([key, value]) =>
    branch('Tag', leaf('Key', key), leaf('Value', value)),
  );
  return {
    status: 200,
    headers: versionHeaders(bucket, version),
    xml: xmlDocument('Tagging', branch('TagSet', ...tags)),
  };
}

/** Replaces the whole set. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export async function putObjectTagging(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const text = await receiveText(request, parsePayload(request.headers));
  const { TagSet } = parseXml(text, TaggingDocument).Tagging;
  const tags = typeof TagSet === 'string' ? [] : TagSet.Tag;
  return setTags(s3, request, checkTags(tags.map(({ Key, Value }) => [Key, Value])), 200);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export function deleteObjectTagging(s3: S3Service, request: S3Request): S3Reply {
  return setTags(s3, request, [], 204);
}

function setTags(s3: S3Service, request: S3Request, tags: Pairs, status: number): S3Reply {
  const bucket = s3.store.buckets.get(request.bucket);
  const version = s3.store.commit(() => {
    const found = findVersion(s3.store, bucket, request.key, request.query.get('versionId'));
    s3.store.versions.setTags(found, tags);
    return found;
  });
  s3.publish(bucket, request, tags.length === 0 ? 'Object Tags Deleted' : 'Object Tags Added', {
    object: versionForEvent(bucket, version),
  });
  return { status, headers: versionHeaders(bucket, version) };
}
