import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Answer = {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
};

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Takes what custom resources answer, as CloudFormation's bucket does behind its signed URL. */
export async function openAnswerBucket(statusCode = 200) {
  const answers: Answer[] = [];
  const take: RequestHandler = async (request, response) => {
    const { method, headers } = request;
    answers.push({ method, headers, body: JSON.parse(await text(request)) as Answer['body'] });
    response.writeHead(statusCode).end();
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const request = (RequestType: 'Create' | 'Update' | 'Delete', ResourceProperties: object) => ({
    RequestType,
    ServiceToken: 'arn:aws:lambda:eu-central-1:123456789012:function:f',
    ResponseURL: `http://127.0.0.1:${port}/answer?signature=s`,
    StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/airlock/1',
    RequestId: 'r-1',
    ResourceType: 'Custom::Thing',
    LogicalResourceId: 'Thing',
    ResourceProperties,
  });
  return {
    answers,
    request,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
