import type { ChecksumAlgorithm } from '../checksums/checksums.ts';
import {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  DIGEST_BYTES,
  parseAlgorithm,
} from '../checksums/checksums.ts';
import { S3Error } from './errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: 5 GiB in one request. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** What a request's headers declare about its body; all of it is verified. */
export type Payload = {
  /** Bytes of payload, without framing. */
  readonly sizeBytes: number;
  readonly framing: 'plain' | 'aws-chunked';
  /** Lower-case hex, as in the ETag. */
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  /** `value` is undefined when it comes in a trailer. */
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly value: string | undefined }
    | undefined;
};

type Headers = ReadonlyMap<string, string>;

/** @throws S3Error for contradictory or unsupported headers */
export function parsePayload(headers: Headers): Payload {
  const framing = parseFraming(headers);
  return {
    framing,
    sizeBytes: parseSize(headers, framing),
    md5: parseMd5(headers.get('content-md5')),
    sha256: parseSha256(headers.get('x-amz-content-sha256')),
    checksum: parseChecksum(headers, framing),
  };
}

const STREAMING =
  /^STREAMING-(UNSIGNED-PAYLOAD-TRAILER|AWS4-(HMAC-SHA256|ECDSA-P256-SHA256)-PAYLOAD(-TRAILER)?)$/;

function parseFraming(headers: Headers): Payload['framing'] {
  const sha256 = headers.get('x-amz-content-sha256') ?? '';
  if (STREAMING.test(sha256)) return 'aws-chunked';
  if (sha256.startsWith('STREAMING-')) {
    throw new S3Error('NotImplemented', `x-amz-content-sha256: ${sha256} is not implemented.`);
  }
  // A body that is declared as framed is never stored with its framing.
  return /\baws-chunked\b/i.test(headers.get('content-encoding') ?? '') ? 'aws-chunked' : 'plain';
}

function parseSize(headers: Headers, framing: Payload['framing']): number {
  const name = framing === 'plain' ? 'content-length' : 'x-amz-decoded-content-length';
  const text = headers.get(name);
  if (text === undefined) {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('InvalidArgument', `${name} is not a number.`);
  const sizeBytes = Number(text);
  if (sizeBytes > MAX_PUT_BYTES) {
    throw new S3Error(
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed object size.',
      { details: { ProposedSize: text, MaxSizeAllowed: String(MAX_PUT_BYTES) } },
    );
  }
  return sizeBytes;
}

function parseMd5(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const bytes = decodeBase64(header, 16);
  if (bytes === undefined) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  return bytes.toString('hex');
}

function parseSha256(header: string | undefined): string | undefined {
  if (header === undefined || header === 'UNSIGNED-PAYLOAD') return undefined;
  if (header.startsWith('STREAMING-')) return undefined;
  if (!/^[0-9a-f]{64}$/i.test(header)) {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.',
    );
  }
  return header.toLowerCase();
}

function parseChecksum(headers: Headers, framing: Payload['framing']): Payload['checksum'] {
  const declared = declaredChecksum(headers, framing);
  const named = headers.get('x-amz-sdk-checksum-algorithm');
  if (named === undefined) return declared;
  if (declared === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  if (parseAlgorithm(named) !== declared.algorithm) {
    throw new S3Error(
      'InvalidRequest',
      'Value for x-amz-sdk-checksum-algorithm header is invalid.',
    );
  }
  return declared;
}

const NOT_CHECKSUMS = new Set(['algorithm', 'mode', 'type']);

function declaredChecksum(headers: Headers, framing: Payload['framing']): Payload['checksum'] {
  const names = [...headers.keys()].filter(
    (name) =>
      name.startsWith('x-amz-checksum-') &&
      !NOT_CHECKSUMS.has(name.slice('x-amz-checksum-'.length)),
  );
  const trailer = headers.get('x-amz-trailer');
  if (names.length + (trailer === undefined ? 0 : 1) > 1) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const name = trailer?.trim().toLowerCase() ?? names[0];
  if (name === undefined) return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => checksumHeader(known) === name);
  if (algorithm === undefined) {
    // A checksum that cannot be verified must not be accepted.
    throw new S3Error('NotImplemented', `The checksum ${name} is not implemented.`);
  }
  if (trailer === undefined) {
    return { algorithm, value: parseChecksumValue(algorithm, headers.get(name) ?? '') };
  }
  if (framing === 'plain') {
    throw new S3Error('InvalidRequest', 'x-amz-trailer needs an aws-chunked body.');
  }
  return { algorithm, value: undefined };
}

/** @throws S3Error InvalidRequest unless the text is the base64 of a digest of the right length */
export function parseChecksumValue(algorithm: ChecksumAlgorithm, text: string): string {
  if (decodeBase64(text, DIGEST_BYTES[algorithm]) === undefined) {
    throw new S3Error(
      'InvalidRequest',
      `Value for ${checksumHeader(algorithm)} header is invalid.`,
    );
  }
  return text;
}

function decodeBase64(text: string, byteCount: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === byteCount && bytes.toString('base64') === text ? bytes : undefined;
}
