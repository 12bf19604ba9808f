import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { assertNever } from '../../shared/platform/assert-never.ts';
import type { Endpoints } from '../../local/cloud.ts';

/** What is done to a request, or to the answer that the stand-in gives to it. */
export type Fault =
  /** The proxy answers in the service's place. */
  | { readonly kind: 'answer'; readonly status: number; readonly body?: string }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' }
  /** The answer's body stops after so many bytes; the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** The connection is closed after so many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The first byte of the answer's body arrives changed. */
  | { readonly kind: 'corrupt' }
  /** Something else happens first; then the request goes on unharmed. */
  | { readonly kind: 'meanwhile'; readonly run: () => Promise<unknown> };

/** A fault at work; disposing ends it. */
interface Injected extends Disposable {
  /** Requests it has hit. */
  readonly count: number;
}

/** Stands between a function and the stand-ins, and harms the requests it is told to. */
export interface FaultProxy extends AsyncDisposable {
  /** Leads the ingest function's SDK clients to the proxy; values are YAML of the template. */
  readonly environment: Readonly<Record<string, string>>;
  /** Requests wait until this is known. */
  forwardTo(endpoints: Endpoints): void;
  /**
   * Harms every `operation` (`GetObject`, `Publish` ...) whose address or body names `about`,
   * at most `times` of them.
   */
  inject(operation: string, about: string, fault: Fault, times?: number): Injected;
}

type Rule = {
  readonly operation: string;
  readonly about: string;
  readonly fault: Fault;
  readonly times: number;
  count: number;
};

const SERVICES = ['s3', 'sqs', 'sns', 'eventbridge'] as const;

/** Listens on free ports of 127.0.0.1, one per service. */
export async function startFaultProxy(): Promise<FaultProxy> {
  const rules: Rule[] = [];
  const upstream = Promise.withResolvers<Endpoints>();
  await using servers = new AsyncDisposableStack();
  const environment: Record<string, string> = {};
  for (const service of SERVICES) {
    const server = createServer((request, response) => {
      void handle(request, response).catch(() => response.destroy());
    });
    servers.defer(() => close(server));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] = origin;
    if (service === 'sqs') {
      // The SDK takes a queue's URL for the endpoint.
      const url = (queue: string): string => `!Sub ${origin}/000000000000/\${${queue}.QueueName}`;
      environment['INGEST_QUEUE_URL'] = url('IngestQueue');
      environment['DEAD_LETTER_QUEUE_URL'] = url('IngestDeadLetterQueue');
    }

    async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const to = (await upstream.promise)[service];
      const body = rename(await buffer(request), origin, to);
      const { operation, text } = describe(request, body);
      const rule = rules.find(
        (one) => one.operation === operation && text.includes(one.about) && one.count < one.times,
      );
      if (rule) rule.count += 1;
      await perform(rule?.fault, request, response, () => forward(to, request, body));
    }
  }
  const owned = servers.move();
  return {
    environment,
    forwardTo: (endpoints) => upstream.resolve(endpoints),
    inject(operation, about, fault, times = Infinity) {
      const rule: Rule = { operation, about, fault, times, count: 0 };
      rules.unshift(rule);
      return {
        get count() {
          return rule.count;
        },
        [Symbol.dispose]() {
          const index = rules.indexOf(rule);
          if (index >= 0) rules.splice(index, 1);
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function perform(
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  ask: () => Promise<IncomingMessage>,
): Promise<void> {
  switch (fault?.kind) {
    case 'answer':
      response.writeHead(fault.status).end(fault.body ?? '');
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'meanwhile':
      await fault.run();
      break;
    case 'stall':
    case 'cut':
    case 'corrupt':
    case undefined:
      break; // it is the answer that is harmed
    default:
      assertNever(fault);
  }
  const answer = await ask();
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  let passed = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (fault?.kind === 'stall' || fault?.kind === 'cut') {
      const rest = fault.afterBytes - passed;
      if (chunk.length > rest) {
        // Whoever waits must have got what comes before.
        await new Promise((sent) => response.write(chunk.subarray(0, rest), sent));
        answer.destroy();
        if (fault.kind === 'cut') request.socket.destroy();
        return;
      }
    }
    if (fault?.kind === 'corrupt' && passed === 0) chunk[0] = (chunk[0] ?? 0) ^ 1;
    passed += chunk.length;
    if (!response.write(chunk)) await once(response, 'drain');
  }
  response.end();
}

async function forward(
  endpoint: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const outgoing = httpRequest(new URL(url ?? '/', endpoint), {
    method,
    headers: { ...headers, host: new URL(endpoint).host, 'content-length': body.length },
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

/** Queues are known by their whole URL, which is in the body. */
function rename(body: Buffer, origin: string, to: string): Buffer {
  return body.includes(origin) ? Buffer.from(body.toString().replaceAll(origin, to)) : body;
}

/** The operation in AWS's own words, and everything in which a key could be named. */
function describe(
  { method, url = '/', headers }: IncomingMessage,
  body: Buffer,
): { operation: string; text: string } {
  const { pathname, searchParams } = new URL(url, 'http://proxy');
  const form = decodeURIComponent(
    body
      .toString()
      .replaceAll('+', ' ')
      .replaceAll(/%(?![\da-f]{2})/gi, '%25'),
  );
  const verb = method === 'GET' ? 'Get' : method === 'PUT' ? 'Put' : 'Delete';
  const operation =
    String(headers['x-amz-target'] ?? '').split('.')[1] ??
    searchParams.get('x-id') ??
    (searchParams.has('tagging') ? `${verb}ObjectTagging` : undefined) ??
    (searchParams.has('versions') ? 'ListObjectVersions' : undefined) ??
    /(?:^|&)Action=(\w+)/.exec(form)?.[1] ??
    (method === 'HEAD' ? 'HeadObject' : `${verb}Object`);
  const address = `${decodeURIComponent(pathname)} ${searchParams.get('prefix') ?? ''}`;
  return { operation, text: `${address} ${form}` };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
