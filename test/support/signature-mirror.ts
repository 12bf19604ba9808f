import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server from which freshclam fetches database files. */
export interface SignatureMirror extends AsyncDisposable {
  /** Sets what is under a name, as of now or of a given time. */
  put(name: string, content: string | Buffer, modifiedAt?: Date): void;
  remove(name: string): void;
  urlOf(name: string): string;
  /** `GET daily.cud 304`, in order. */
  readonly answers: readonly string[];
}

export async function startMirror(): Promise<SignatureMirror> {
  const files = new Map<string, { content: Buffer; modifiedAt: Date }>();
  const answers: string[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const file = files.get(name);
    const since = Date.parse(request.headers['if-modified-since'] ?? '');
    const modifiedAtS = Math.floor((file?.modifiedAt.getTime() ?? 0) / 1000);
    const status = file === undefined ? 404 : modifiedAtS * 1000 <= since ? 304 : 200;
    answers.push(`${request.method} ${name} ${status}`);
    response.writeHead(status, file && { 'last-modified': file.modifiedAt.toUTCString() });
    response.end(status === 200 ? file?.content : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    put(name, content, modifiedAt = new Date()) {
      files.set(name, { content: Buffer.from(content), modifiedAt });
    },
    remove: (name) => void files.delete(name),
    urlOf: (name) => `http://127.0.0.1:${port}/${name}`,
    answers,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
