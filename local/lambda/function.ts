import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ClientSettings } from '../client-settings.ts';
import type { Endpoints } from '../cloud.ts';
import type { LogFile } from '../log-file.ts';
import type { FunctionSpec } from '../stack/function-spec.ts';
import { startEventSourceMapping } from './event-source-mapping.ts';
import { FunctionPool } from './function-pool.ts';

export type FunctionOptions = {
  readonly spec: FunctionSpec;
  /** Directory that the handler's path is relative to. */
  readonly root: string;
  readonly settings: ClientSettings;
  readonly endpoints: Endpoints;
  readonly sqs: SQSClient;
  readonly queueUrl: (arn: string) => string;
  /** As in `LocalFunction`. */
  readonly tmpRoot?: string;
  /** Receives the function's output. */
  readonly log: LogFile;
  readonly onError: (error: unknown) => void;
  /** For a function whose callers wait for the result. Default: true if it has queues. */
  readonly keepsWarm?: boolean;
};

/** A function that is invoked by its queues and schedules. */
export interface RunningFunction extends AsyncDisposable {
  readonly pids: () => readonly number[];
  /** Invokes it directly. @throws Error when it fails */
  readonly invoke: (event: unknown) => Promise<unknown>;
}

/** @throws Error when the function's module does not load; the log says why */
export async function startFunction(options: FunctionOptions): Promise<RunningFunction> {
  const { spec, root, sqs, queueUrl, onError } = options;
  await using parts = new AsyncDisposableStack();
  const keepsWarm = options.keepsWarm ?? spec.queues.length > 0;
  const pool = new FunctionPool(
    {
      name: spec.name,
      moduleUrl: pathToFileURL(join(root, spec.source)).href,
      exportName: spec.exportName,
      environment: functionEnvironment(options),
      timeoutMs: spec.timeoutMs,
      memoryMb: spec.memoryMb,
      onOutput: options.log.writeFrom,
      ...(options.tmpRoot !== undefined && { tmpRoot: options.tmpRoot }),
    },
    { keepsWarm, maxCount: spec.maxConcurrency },
  );
  // Disposed in reverse order: the processes first, so that no poll waits for an invocation.
  for (const { queueArn, ...mapping } of spec.queues) {
    parts.use(
      startEventSourceMapping({
        ...mapping,
        sqs,
        queueArn,
        queueUrl: queueUrl(queueArn),
        invoke: (event) => pool.invoke(event),
        onError,
      }),
    );
  }
  for (const { everyMs, input } of spec.schedules) {
    const timer = setInterval(() => void pool.invoke(input).catch(onError), everyMs);
    parts.defer(() => clearInterval(timer));
  }
  parts.use(pool);
  if (keepsWarm) await pool.warmUp();
  const owned = parts.move();
  return {
    pids: () => pool.pids,
    invoke: (event) => pool.invoke(event),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Lambda's variables, the template's, and the stand-ins' endpoints; nothing of the parent's but PATH. */
function functionEnvironment({ spec, settings, endpoints }: FunctionOptions) {
  return {
    PATH: process.env['PATH'] ?? '',
    TZ: ':UTC',
    AWS_REGION: settings.region,
    AWS_ACCESS_KEY_ID: settings.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.credentials.secretAccessKey,
    // Keeps a developer's own AWS profile out.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_ARN: spec.arn,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    ...spec.environment,
  };
}
