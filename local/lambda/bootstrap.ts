/**
 * The process of one execution environment: imports a function's module once, and then runs the
 * invocations that the parent sends, one at a time.
 *
 * Arguments: file URL of the module, name of the exported handler.
 */
import * as v from 'valibot';
import { describeError } from '../../shared/platform/errors.ts';
import { Invocation, type Reply } from './protocol.ts';

const [, , moduleUrl = '', exportName = ''] = process.argv;

// Ends with the parent, which also handles Ctrl-C.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});

const module: unknown = await import(moduleUrl);
const handler: unknown = Reflect.get(Object(module), exportName);
if (typeof handler !== 'function') throw new Error(`${moduleUrl} exports no ${exportName}`);
const invokeHandler = handler;

process.on('message', (message) => {
  void run(v.parse(Invocation, message));
});
send({ kind: 'ready' });

async function run(invocation: Invocation): Promise<void> {
  try {
    const result: unknown = await invokeHandler(invocation.event, contextOf(invocation));
    send({ kind: 'result', result });
  } catch (error) {
    send({
      kind: 'error',
      error: error instanceof Error ? (error.stack ?? error.message) : describeError(error),
    });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, deadlineAt }: Invocation) {
  const functionName = process.env['AWS_LAMBDA_FUNCTION_NAME'];
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: process.env['AWS_LAMBDA_FUNCTION_ARN'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: String(process.pid),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(deadlineAt - Date.now(), 0),
  };
}

function send(reply: Reply): void {
  process.send?.(reply);
}
