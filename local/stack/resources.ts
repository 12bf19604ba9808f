import * as v from 'valibot';

/** A number from a parameter override is text. */
const number = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/))]),
  v.transform(Number),
);
const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

/** The properties that the stand-ins support; all others only matter on AWS. */
export const Bucket = v.object({
  VersioningConfiguration: v.optional(v.object({ Status: v.string() })),
  NotificationConfiguration: v.optional(
    v.object({
      EventBridgeConfiguration: v.optional(
        v.object({ EventBridgeEnabled: v.optional(v.boolean(), true) }),
      ),
    }),
  ),
});

export const Queue = v.object({
  VisibilityTimeout: v.optional(scalar),
  MessageRetentionPeriod: v.optional(scalar),
  DelaySeconds: v.optional(scalar),
  MaximumMessageSize: v.optional(scalar),
  ReceiveMessageWaitTimeSeconds: v.optional(scalar),
  RedrivePolicy: v.optional(v.object({ deadLetterTargetArn: v.string(), maxReceiveCount: number })),
});

export const Rule = v.object({
  EventPattern: v.record(v.string(), v.unknown()),
  State: v.optional(v.picklist(['ENABLED', 'DISABLED']), 'ENABLED'),
  /** As PutTargets takes them; parsed and checked by the bus. */
  Targets: v.array(v.unknown()),
});

const SqsEvent = v.object({
  Type: v.literal('SQS'),
  Properties: v.object({
    Queue: v.string(),
    BatchSize: v.optional(number, 10),
    FunctionResponseTypes: v.optional(v.array(v.literal('ReportBatchItemFailures')), []),
    ScalingConfig: v.optional(v.object({ MaximumConcurrency: number })),
  }),
});

const ScheduleEvent = v.object({
  Type: v.literal('Schedule'),
  Properties: v.object({
    Schedule: v.pipe(
      v.string(),
      v.regex(/^rate\(\d+ (minute|hour|day)s?\)$/, 'only rate(...) is supported locally'),
    ),
    Input: v.optional(v.pipe(v.string(), v.parseJson()), '{}'),
  }),
});

/** Events of AWS itself (alarms), which are never sent locally. */
const RuleEvent = v.object({ Type: v.literal('EventBridgeRule') });

export const LambdaFunction = v.object({
  /** Zip functions name their handler here, image functions in the image's command. */
  Handler: v.optional(v.string()),
  ImageConfig: v.optional(v.object({ Command: v.tuple([v.string()]) })),
  ReservedConcurrentExecutions: v.optional(number),
  Timeout: v.optional(number, 3),
  MemorySize: v.optional(number, 128),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), scalar) }), { Variables: {} }),
  Events: v.optional(
    v.record(v.string(), v.variant('Type', [SqsEvent, ScheduleEvent, RuleEvent])),
    {},
  ),
});
