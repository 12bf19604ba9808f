import type { Checksum } from '../checksums/checksums.ts';
import { checksumHeaders } from '../checksums/checksums.ts';
import { versionHeaders } from '../objects/find-version.ts';
import { encryptionHeaders, parseDescription } from '../protocol/object-headers.ts';
import { parsePayload } from '../protocol/payload.ts';
import { publishCreated, putVersion } from '../objects/put-version.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { storeBody } from '../objects/store-body.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(s3: S3Service, request: S3Request): Promise<S3Reply> {
  s3.store.buckets.get(request.bucket);
  const description = parseDescription(request.headers);
  const payload = parsePayload(request.headers);
  // Without a checksum from the client S3 computes one.
  const algorithm = payload.checksum?.algorithm ?? 'CRC64NVME';

  const written = await storeBody(s3, request, payload, [algorithm], (body) => {
    const checksum: Checksum = {
      algorithm,
      type: 'FULL_OBJECT',
      value: body.checksums.get(algorithm) ?? '',
    };
    return s3.store.commit((release) =>
      putVersion(s3.store, release, request, body, {
        ...description,
        sizeBytes: payload.sizeBytes,
        etag: body.md5,
        checksum,
      }),
    );
  });

  publishCreated(s3, request, written, 'PutObject');
  return {
    status: 200,
    headers: {
      etag: `"${written.version.etag}"`,
      ...checksumHeaders(written.version.checksum),
      ...encryptionHeaders(written.version.headers),
      ...versionHeaders(written.bucket, written.version),
    },
  };
}
