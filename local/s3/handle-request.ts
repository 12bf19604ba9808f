import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { asS3Error, S3Error } from './protocol/errors.ts';
import { OPERATIONS } from './operations.ts';
import { route } from './protocol/router.ts';
import type { S3Reply, S3Request, S3Service } from './service.ts';
import { parseTarget } from './protocol/target.ts';
import { errorDocument, leaf } from './protocol/xml.ts';

/** Handles one request. Never rejects. */
export async function handleRequest(
  service: S3Service,
  stream: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  // Without a listener a disconnecting client would end the process; writes to it still fail.
  response.on('error', () => {});
  response.setHeader('server', 'AmazonS3');
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', randomBytes(32).toString('base64'));
  try {
    await send(response, stream.method, await answer(service, stream, requestId));
  } catch (error) {
    // The client has disconnected, or part of the reply was sent: no error reply is possible.
    if (stream.socket.destroyed || response.headersSent) {
      if (!stream.socket.destroyed) onError(error);
      response.destroy();
      return;
    }
    const s3Error = asS3Error(error);
    if (s3Error.status >= 500 && s3Error.code !== 'NotImplemented') onError(error);
    await send(response, stream.method, errorReply(s3Error, stream, requestId)).catch(() => {
      response.destroy();
    });
    // Node drains a body only if reading has not begun; one that was half read would block its sender.
    stream.resume();
  }
}

async function answer(
  service: S3Service,
  stream: IncomingMessage,
  requestId: string,
): Promise<S3Reply> {
  const request = readRequest(stream, requestId);
  const owner = request.headers.get('x-amz-expected-bucket-owner');
  if (owner !== undefined && owner !== service.accountId) {
    throw new S3Error('AccessDenied', 'Access Denied');
  }
  return OPERATIONS[request.operation](service, request);
}

const SIGNING_PARAMETERS = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

function readRequest(stream: IncomingMessage, requestId: string): S3Request {
  const target = parseTarget(stream.url ?? '');
  const headers = new Map<string, string>();
  for (const [name, value] of target.query) {
    const header = name.toLowerCase();
    if (header.startsWith('x-amz-') && !SIGNING_PARAMETERS.has(header)) headers.set(header, value);
  }
  for (const [name, value] of Object.entries(stream.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  return {
    ...target,
    operation: route(stream.method ?? '', target, headers.has('x-amz-copy-source')),
    headers,
    stream,
    requestId,
    sourceIp: stream.socket.remoteAddress ?? '127.0.0.1',
  };
}

function errorReply(error: S3Error, stream: IncomingMessage, requestId: string): S3Reply {
  if (error.status === 304) return { status: 304, headers: error.headers };
  return {
    status: error.status,
    headers: error.headers,
    xml: errorDocument(
      leaf('Code', error.code),
      leaf('Message', error.message),
      ...Object.entries(error.details).map(([name, value]) => leaf(name, value)),
      leaf('Resource', (stream.url ?? '').replace(/\?.*$/, '')),
      leaf('RequestId', requestId),
    ),
  };
}

async function send(
  response: ServerResponse,
  method: string | undefined,
  reply: S3Reply,
): Promise<void> {
  using body = reply.body;
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.xml !== undefined) response.setHeader('content-type', 'application/xml');
  if (method === 'HEAD' || reply.status === 204 || reply.status === 304) {
    response.end();
    return;
  }
  if (body === undefined) {
    const xml = Buffer.from(reply.xml ?? '');
    response.setHeader('content-length', xml.length);
    response.end(xml);
    return;
  }
  await pipeline(body.chunks(), response);
}
