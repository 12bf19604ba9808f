import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A runtime's report of a failure. */
type RuntimeError = { readonly errorType: string; readonly errorMessage: string };

/**
 * Lambda's side of the Runtime API: hands out invocations and takes the results.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export interface RuntimeApi extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as `AWS_LAMBDA_RUNTIME_API` has it. */
  readonly address: string;
  /** Resolves with the handler's result. @throws Error with what it threw, or on timeout */
  invoke(event: unknown, timeoutMs: number): Promise<unknown>;
  /** Resolves when the runtime reports that it could not start. */
  initError(): Promise<RuntimeError>;
}

type Invocation = {
  readonly event: unknown;
  readonly deadlineAt: number;
  readonly settle: PromiseWithResolvers<unknown>;
};

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  const changes = new EventEmitter();
  const initError = once(changes, 'init-error');

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, version, , kind, id = '', verb = ''] = (request.url ?? '').split('/');
    if (version !== '2018-06-01') return void response.writeHead(404).end();
    if (request.method === 'GET' && kind === 'invocation') return await next(response);
    const body: unknown = await json(request);
    if (kind === 'init') {
      changes.emit('init-error', body);
      const why = new Error(`it did not start: ${(body as RuntimeError).errorMessage}`);
      for (const { settle } of waiting) settle.reject(why);
    }
    const invocation = running.get(id);
    running.delete(id);
    if (verb === 'response') invocation?.settle.resolve(body);
    if (verb === 'error') invocation?.settle.reject(new Error((body as RuntimeError).errorMessage));
    response.writeHead(202).end('{}');
  }

  async function next(response: ServerResponse): Promise<void> {
    // Stops waiting when the runtime has ended.
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    while (waiting.length === 0) await once(changes, 'invoked', { signal: gone.signal });
    const [invocation] = waiting.splice(0, 1);
    if (invocation === undefined) return;
    const id = randomUUID();
    running.set(id, invocation);
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': String(invocation.deadlineAt),
      'Lambda-Runtime-Invoked-Function-Arn':
        'arn:aws:lambda:eu-central-1:000000000000:function:ingest',
      'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
    });
    response.end(JSON.stringify(invocation.event));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async invoke(event, timeoutMs) {
      const settle = Promise.withResolvers<unknown>();
      waiting.push({ event, deadlineAt: Date.now() + timeoutMs, settle });
      changes.emit('invoked');
      const timer = setTimeout(() => settle.reject(new Error('timed out')), timeoutMs);
      return await settle.promise.finally(() => clearTimeout(timer));
    },
    async initError() {
      const [error] = await initError;
      return error as RuntimeError;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
