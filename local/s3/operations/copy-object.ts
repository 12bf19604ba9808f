import type { Checksum, ChecksumAlgorithm } from '../checksums/checksums.ts';
import { checksumElement, parseAlgorithm } from '../checksums/checksums.ts';
import type { CopySource } from '../objects/copy-source.ts';
import { checkCopySize, findCopySource, hashStored, isUnchanged } from '../objects/copy-source.ts';
import { S3Error } from '../protocol/errors.ts';
import { versionHeaders } from '../objects/find-version.ts';
import { formatTime } from '../protocol/listing-xml.ts';
import type { Description } from '../protocol/object-headers.ts';
import { encryptionHeaders, parseDescription } from '../protocol/object-headers.ts';
import { publishCreated, putVersion } from '../objects/put-version.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import type { Version } from '../store/versions.ts';
import { leaf, xmlDocument } from '../protocol/xml.ts';

/**
 * Copies an object without copying bytes: both refer to the same content.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export async function copyObject(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const { store } = s3;
  store.buckets.get(request.bucket);
  const source = findCopySource(s3, request);
  checkCopySize(source.version.sizeBytes);
  checkChangesSomething(request, source);
  const description = describeCopy(request, source.version);
  const digests = await digestsOf(s3, source.version, request.headers);

  const written = store.commit((release) =>
    isUnchanged(s3, source.version)
      ? putVersion(
          store,
          release,
          request,
          { content: source.version.content },
          { ...description, ...digests, sizeBytes: source.version.sizeBytes },
        )
      : undefined,
  );
  // The source was replaced while its digests were computed: start again.
  if (written === undefined) return copyObject(s3, request);

  publishCreated(s3, request, written, 'CopyObject');
  const { version } = written;
  const { checksum } = version;
  return {
    status: 200,
    headers: {
      ...source.headers,
      ...encryptionHeaders(version.headers),
      ...versionHeaders(written.bucket, version),
    },
    xml: xmlDocument(
      'CopyObjectResult',
      leaf('ETag', `"${version.etag}"`),
      leaf('LastModified', formatTime(version.modifiedAtMs)),
      checksum === undefined ? '' : leaf(checksumElement(checksum.algorithm), checksum.value),
      leaf('ChecksumType', checksum?.type),
    ),
  };
}

/** @throws S3Error InvalidArgument for an unknown directive */
function isReplaced(request: S3Request, name: string): boolean {
  const directive = request.headers.get(name) ?? 'COPY';
  if (directive === 'REPLACE') return true;
  if (directive === 'COPY') return false;
  throw new S3Error('InvalidArgument', `Unknown directive in ${name}.`, {
    details: { ArgumentName: name, ArgumentValue: directive },
  });
}

function describeCopy(request: S3Request, source: Version): Description {
  const asked = parseDescription(request.headers);
  // Encryption is set by each write, never inherited.
  const encryption = asked.headers.filter(([name]) => isEncryption(name));
  const inherited = source.headers.filter(([name]) => !isEncryption(name));
  const described = isReplaced(request, 'x-amz-metadata-directive')
    ? asked
    : { headers: [...inherited, ...encryption], metadata: source.metadata };
  return {
    headers: described.headers,
    metadata: described.metadata,
    tags: isReplaced(request, 'x-amz-tagging-directive') ? asked.tags : source.tags,
  };
}

function isEncryption(header: string): boolean {
  return header.startsWith('x-amz-server-side-encryption');
}

function checkChangesSomething(request: S3Request, { version, isVersionNamed }: CopySource): void {
  const isItself = version.bucket === request.bucket && version.key === request.key;
  const isRestored = isVersionNamed && !version.isLatest;
  if (!isItself || isRestored) return;
  if (isReplaced(request, 'x-amz-metadata-directive')) return;
  if (request.headers.has('x-amz-storage-class')) return;
  if (request.headers.has('x-amz-server-side-encryption')) return;
  throw new S3Error(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

/** A copy is a single-part object: its ETag is the MD5 of its bytes, its checksum is FULL_OBJECT. */
async function digestsOf(
  s3: S3Service,
  source: Version,
  headers: ReadonlyMap<string, string>,
): Promise<{ readonly etag: string; readonly checksum: Checksum | undefined }> {
  const asked = headers.get('x-amz-checksum-algorithm');
  const algorithm: ChecksumAlgorithm =
    asked === undefined ? (source.checksum?.algorithm ?? 'CRC64NVME') : parseAlgorithm(asked);
  const isKnown =
    !source.etag.includes('-') &&
    source.checksum?.algorithm === algorithm &&
    source.checksum.type === 'FULL_OBJECT';
  if (isKnown) return { etag: source.etag, checksum: source.checksum };

  using reader = s3.store.blobs.read(s3.store.contents.read(source.content));
  const { md5, checksums } = await hashStored(reader, [algorithm]);
  const value = checksums.get(algorithm) ?? '';
  return { etag: md5, checksum: { algorithm, type: 'FULL_OBJECT', value } };
}
