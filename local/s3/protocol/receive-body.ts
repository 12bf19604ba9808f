import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import type { ChecksumAlgorithm, Hasher } from '../checksums/checksums.ts';
import { checksumHeader, createHasher } from '../checksums/checksums.ts';
import { S3Error } from './errors.ts';
import type { Payload } from './payload.ts';
import { parseChecksumValue } from './payload.ts';

export type ReceivedBody = {
  /** Lower-case hex. */
  readonly md5: string;
  /** Base64 by algorithm: the declared one, and those in `compute`. */
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>;
};

/** Receives payload bytes; returns a promise when the sender should wait. */
export type Sink = (chunk: Buffer) => Promise<void> | undefined;

/**
 * Streams a request's payload into a sink, and verifies everything that its headers declare.
 *
 * @throws S3Error with AWS's code for a mismatch; the stream's own error when the client disconnected
 */
export async function receiveBody(
  request: IncomingMessage,
  payload: Payload,
  sink: Sink,
  compute: readonly ChecksumAlgorithm[] = [],
): Promise<ReceivedBody> {
  const { checksum } = payload;
  const md5 = createHash('md5');
  const sha256 = payload.sha256 === undefined ? undefined : createHash('sha256');
  const algorithms = new Set(checksum === undefined ? compute : [checksum.algorithm, ...compute]);
  const hashers = new Map(
    [...algorithms].map((algorithm): [ChecksumAlgorithm, Hasher] => [
      algorithm,
      createHasher(algorithm),
    ]),
  );
  const decoder = payload.framing === 'aws-chunked' ? new AwsChunkedDecoder() : undefined;
  let receivedBytes = 0;

  const take = (chunk: Buffer): Promise<void> | undefined => {
    receivedBytes += chunk.length;
    if (receivedBytes > payload.sizeBytes) throw wrongLength();
    md5.update(chunk);
    sha256?.update(chunk);
    for (const hasher of hashers.values()) hasher.update(chunk);
    return sink(chunk);
  };

  // Leaving the loop early must not destroy the request, on whose connection the error reply is sent.
  const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    for (const slice of decoder?.decode(chunk) ?? [chunk]) {
      const wait = take(slice);
      if (wait !== undefined) await wait;
    }
  }
  decoder?.end();
  if (receivedBytes !== payload.sizeBytes) throw wrongLength();

  const received = {
    md5: md5.digest('hex'),
    checksums: new Map(
      [...hashers].map(([algorithm, hasher]) => [algorithm, hasher.digest().toString('base64')]),
    ),
  };
  verify(payload, received, sha256?.digest('hex'), decoder?.trailers);
  return received;
}

function verify(
  { md5, sha256, checksum }: Payload,
  received: ReceivedBody,
  actualSha256: string | undefined,
  trailers: ReadonlyMap<string, string> | undefined,
): void {
  if (md5 !== undefined && md5 !== received.md5) {
    throw new S3Error(
      'BadDigest',
      'The Content-MD5 you specified did not match what we received.',
      { details: { ExpectedDigest: md5, CalculatedDigest: received.md5 } },
    );
  }
  if (sha256 !== undefined && sha256 !== actualSha256) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  if (checksum === undefined) return;
  const expected = checksum.value ?? trailerValue(checksum.algorithm, trailers);
  if (expected !== received.checksums.get(checksum.algorithm)) {
    throw new S3Error(
      'BadDigest',
      `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
    );
  }
}

function trailerValue(
  algorithm: ChecksumAlgorithm,
  trailers: ReadonlyMap<string, string> | undefined,
): string {
  const value = trailers?.get(checksumHeader(algorithm));
  if (value === undefined) {
    throw new S3Error(
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    );
  }
  return parseChecksumValue(algorithm, value);
}

function wrongLength(): S3Error {
  return new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  );
}
