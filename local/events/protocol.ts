import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ACTIONS, type ActionContext } from './actions.ts';
import { EventBridgeError } from './errors.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

type Reply = { readonly status: number; readonly body: unknown };

/** Handles one request in AWS JSON 1.1, EventBridge's protocol. Never rejects. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: ActionContext,
): Promise<void> {
  const { status, body } = await replyTo(request, context).catch(toErrorReply);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(body));
}

async function replyTo(request: IncomingMessage, context: ActionContext): Promise<Reply> {
  const [service, name = ''] = String(request.headers['x-amz-target']).split('.');
  const action = service === 'AWSEvents' ? ACTIONS.get(name) : undefined;
  const input = await readJson(request);
  if (action === undefined) {
    throw new EventBridgeError(
      'UnknownOperationException',
      `${name || 'This'} is not an action of the local event bus.`,
    );
  }
  return { status: 200, body: action(input, context) };
}

function toErrorReply(error: unknown): Reply {
  if (error instanceof EventBridgeError) {
    return { status: 400, body: { __type: error.type, message: error.message } };
  }
  return { status: 500, body: { __type: 'InternalException', message: String(error) } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue;
    sizeBytes += chunk.length;
    // Keep reading: a client that is still sending would not read the response.
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (sizeBytes > MAX_BODY_BYTES) {
    throw new EventBridgeError('ValidationException', 'The request is too large.');
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new EventBridgeError('SerializationException', 'The request is not JSON.');
  }
}
