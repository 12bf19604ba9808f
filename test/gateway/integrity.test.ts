import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32Base64 } from '../../gateway/storage/crc32.ts';
import { createStorageClient } from '../../gateway/storage/storage-client.ts';
import { openGateway } from './open-gateway.ts';

const MIB = 1024 * 1024;

type Change = (incoming: IncomingMessage, body: Buffer) => Buffer;

/** A proxy to S3 that may change request bodies. */
async function startChangingProxy(target: string, change: Change) {
  const relay = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = change(incoming, await buffer(incoming));
    const { method, headers, url } = incoming;
    const onward = request(new URL(url ?? '/', target), {
      method,
      headers: { ...headers, 'content-length': String(body.length) },
    });
    onward.end(body);
    const [reply]: unknown[] = await once(onward, 'response');
    const answer = reply as IncomingMessage;
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  };
  const server = createServer((incoming, outgoing) => void relay(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Uploads through a proxy that changes what goes to S3. */
async function uploadThrough(change: Change, sizeBytes: number) {
  await using plain = await openGateway();
  const { endpoint } = plain.s3.config;
  const { protocol, hostname, port } = (await endpoint?.()) ?? {
    protocol: '',
    hostname: '',
    port: 0,
  };
  await using proxy = await startChangingProxy(`${protocol}//${hostname}:${port}`, change);
  const s3 = createStorageClient({
    endpoint: proxy.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await using gateway = await openGateway({ s3 });
  await using partner = await gateway.connect();
  const { sftp, ask } = partner;
  const outcome = await ask((done) => sftp.writeFile('file', randomBytes(sizeBytes), done)).then(
    () => 'stored',
    (error: Error) => error.message,
  );
  s3.destroy();
  return { outcome, keys: await plain.keys(), unfinished: await plain.unfinishedUploads() };
}

function flipped(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}

test('an upload through a proxy that changes nothing is stored', async () => {
  const { outcome, keys } = await uploadThrough((_incoming, body) => body, 12 * MIB);
  expect({ outcome, keys }).toEqual({ outcome: 'stored', keys: ['file'] });
});

test.each([100, 12 * MIB])(
  'a bit flipped on the way to S3 fails the upload of %i bytes, and nothing is stored',
  async (sizeBytes) => {
    const change: Change = (incoming, body) =>
      incoming.method === 'PUT' && body.length > 0 ? flipped(body) : body;
    const { outcome, keys, unfinished } = await uploadThrough(change, sizeBytes);
    expect(outcome).not.toBe('stored');
    expect({ keys, unfinished }).toEqual({ keys: [], unfinished: [] });
  },
);

test('a bit flipped before the checksum of its part was computed is detected at completion', async () => {
  // Like a fault in our own memory: the part matches its checksum, but not the received bytes.
  const change: Change = (incoming, body) => {
    if (!incoming.url?.includes('partNumber=1')) return body;
    const changed = flipped(body);
    incoming.headers['x-amz-checksum-crc32'] = crc32Base64(crc32(changed));
    return changed;
  };
  const { outcome, keys, unfinished } = await uploadThrough(change, 12 * MIB);
  expect(outcome).not.toBe('stored');
  expect({ keys, unfinished }).toEqual({ keys: [], unfinished: [] });
});
