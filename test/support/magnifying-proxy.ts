import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { MAX_COPY_BYTES } from '../../shared/s3/part-ranges.ts';

export interface MagnifyingProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Bytes that each CopyObject and UploadPartCopy was about, as the client counts them. */
  readonly copiedBytes: readonly number[];
}

/**
 * Stands before an S3 and makes its objects seem `factor` times as large: sizes in answers to HeadObject
 * and ListObjectVersions grow, ranges of UploadPartCopy shrink. Like AWS it refuses to copy more than
 * 5 GiB, as the client counts them, with one request.
 */
export async function startMagnifyingProxy(
  upstream: string,
  factor: number,
): Promise<MagnifyingProxy> {
  const copiedBytes: number[] = [];

  async function forward(incoming: IncomingMessage, path = incoming.url ?? '/') {
    const { method, headers } = incoming;
    const outgoing = httpRequest(new URL(path, upstream), {
      method: path === incoming.url ? method : 'HEAD',
      headers: { ...headers, host: new URL(upstream).host },
    });
    outgoing.end(path === incoming.url ? await buffer(incoming) : undefined);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return answer;
  }

  /** Shrinks the range of a copy. @returns how many bytes the copy is about */
  async function shrink(incoming: IncomingMessage): Promise<number | undefined> {
    const source = incoming.headers['x-amz-copy-source'];
    if (typeof source !== 'string') return undefined;
    const range = incoming.headers['x-amz-copy-source-range'];
    if (typeof range !== 'string') {
      const head = await forward(incoming, `/${source}`);
      head.resume();
      return Number(head.headers['content-length']) * factor;
    }
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    const [start, end] = [Number(first) / factor, (Number(last) + 1) / factor];
    if (!Number.isInteger(start) || !Number.isInteger(end)) throw new Error(`uneven ${range}`);
    incoming.headers['x-amz-copy-source-range'] = `bytes=${start}-${end - 1}`;
    return (end - start) * factor;
  }

  const server = createServer((incoming, response) => {
    const handle = async (): Promise<void> => {
      const bytes = await shrink(incoming);
      if (bytes !== undefined) copiedBytes.push(bytes);
      if ((bytes ?? 0) > MAX_COPY_BYTES) {
        response.writeHead(400, { 'content-type': 'application/xml' });
        response.end('<Error><Code>InvalidRequest</Code><Message>too large</Message></Error>');
        return;
      }
      const answer = await forward(incoming);
      const { statusCode = 502, headers } = answer;
      let body = await buffer(answer);
      if (incoming.method === 'HEAD' && statusCode === 200) {
        headers['content-length'] = String(Number(headers['content-length']) * factor);
      } else if (new URL(incoming.url ?? '', upstream).searchParams.has('versions')) {
        const magnified = (_: string, size: string) => `<Size>${Number(size) * factor}</Size>`;
        body = Buffer.from(body.toString().replaceAll(/<Size>(\d+)<\/Size>/g, magnified));
        headers['content-length'] = String(body.length);
      }
      response.writeHead(statusCode, headers).end(body);
    };
    void handle().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    copiedBytes,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
