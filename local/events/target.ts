import * as v from 'valibot';
import { encodeJson, escapeJson } from '../../shared/platform/encode-json.ts';
import type { BusEvent } from './bus-event.ts';
import { EventBridgeError } from './errors.ts';
import { parseInputPath, selectInput } from './input-path.ts';

/** Where a rule sends matching events. */
export type Target = {
  readonly id: string;
  /** An SQS queue or an SNS topic. */
  readonly arn: string;
  readonly deadLetterArn?: string;
  /** Deliver this part of the event instead of all of it. */
  readonly inputPath?: string;
  /** Deliver this JSON text instead of the event. */
  readonly input?: string;
  readonly maximumRetryAttempts?: number;
};

const TargetInput = v.object({
  Id: v.pipe(v.string(), v.regex(/^[.\-_A-Za-z0-9]{1,64}$/)),
  Arn: v.string(),
  DeadLetterConfig: v.optional(v.object({ Arn: v.string() })),
  InputPath: v.optional(v.string()),
  Input: v.optional(v.string()),
  RetryPolicy: v.optional(
    v.strictObject({
      MaximumRetryAttempts: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(185)),
      ),
      // Accepted and ignored: local retries end long before the minimum of 60 seconds.
      MaximumEventAgeInSeconds: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(86_400)),
      ),
    }),
  ),
});

/**
 * Reads a target as `PutTargets` and AWS::Events::Rule both spell it.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
 *
 * @throws {EventBridgeError} naming the property that is wrong or not supported here
 */
export function parseTarget(input: unknown): Target {
  const parsed = v.safeParse(TargetInput, input);
  if (!parsed.success) throw invalid(`A target is not valid.\n${v.summarize(parsed.issues)}`);
  const { Id, Arn, DeadLetterConfig, InputPath, Input, RetryPolicy } = parsed.output;
  const unsupported = Object.keys(Object(input)).filter((name) => !(name in TargetInput.entries));
  if (unsupported.length > 0) {
    throw invalid(
      `Target ${Id}: ${unsupported.join(', ')} is not supported by the local event bus. ` +
        `It knows ${Object.keys(TargetInput.entries).join(', ')}.`,
    );
  }
  return checkTarget({
    id: Id,
    arn: Arn,
    ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.Arn }),
    ...(InputPath !== undefined && { inputPath: InputPath }),
    ...(Input !== undefined && { input: Input }),
    ...(RetryPolicy?.MaximumRetryAttempts !== undefined && {
      maximumRetryAttempts: RetryPolicy.MaximumRetryAttempts,
    }),
  });
}

/** @throws {EventBridgeError} for a target that the local bus cannot deliver to */
export function checkTarget(target: Target): Target {
  if (serviceOf(target.arn) === undefined) {
    throw invalid(
      `Target ${target.id}: ${target.arn} is neither an SQS queue nor an SNS topic, ` +
        'and the local event bus delivers to nothing else.',
    );
  }
  if (target.deadLetterArn !== undefined && serviceOf(target.deadLetterArn) !== 'sqs') {
    throw invalid(`Target ${target.id}: DeadLetterConfig.Arn is not an SQS queue.`);
  }
  if (target.input !== undefined && target.inputPath !== undefined) {
    throw invalid(
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.id}.`,
    );
  }
  if (target.input !== undefined && !isJson(target.input)) {
    throw invalid(`Target ${target.id}: Input is not JSON.`);
  }
  if (target.inputPath !== undefined && parseInputPath(target.inputPath) === undefined) {
    throw invalid(`Target ${target.id}: InputPath is not a path to one value.`);
  }
  return target;
}

/** `sqs` or `sns`; undefined for every other ARN. */
export function serviceOf(arn: string): 'sqs' | 'sns' | undefined {
  const service = /^arn:aws[\w-]*:(sqs|sns):[^:]*:[^:]*:[^:]+$/.exec(arn)?.[1];
  return service === 'sqs' || service === 'sns' ? service : undefined;
}

/** The body the target receives for this event. */
export function bodyFor(target: Target, event: BusEvent): string {
  if (target.input !== undefined) return escapeJson(target.input);
  const path = target.inputPath === undefined ? [] : (parseInputPath(target.inputPath) ?? []);
  return encodeJson(selectInput(event, path));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function invalid(message: string): EventBridgeError {
  return new EventBridgeError('ValidationException', message);
}
