import * as v from 'valibot';
import { StartError } from '../start-error.ts';
import { nameOf, physicalResources, type Place } from './physical.ts';
import { resolve, type Scope } from './resolve.ts';
import { Bucket, LambdaFunction, Queue, Rule } from './resources.ts';
import type { Template } from './template.ts';

type BucketSpec = {
  readonly logicalId: string;
  readonly name: string;
  readonly versioned: boolean;
  readonly eventBridge: boolean;
};

export type QueueSpec = {
  readonly logicalId: string;
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  /** As CreateQueue takes them. */
  readonly attributes: Readonly<Record<string, string>>;
};

export type TopicSpec = { readonly logicalId: string; readonly name: string; readonly arn: string };

export type RuleSpec = {
  readonly name: string;
  readonly enabled: boolean;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly targets: readonly unknown[];
};

export type FunctionSpec = {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The handler's source, relative to the template. */
  readonly source: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly queues: readonly {
    readonly queueArn: string;
    readonly batchSize: number;
    readonly partialFailures: boolean;
    readonly maximumConcurrency: number;
  }[];
  readonly schedules: readonly { readonly everyMs: number; readonly input: unknown }[];
};

/** What of the template runs on one machine. */
export type Stack = {
  readonly buckets: readonly BucketSpec[];
  readonly queues: readonly QueueSpec[];
  readonly topics: readonly TopicSpec[];
  readonly rules: readonly RuleSpec[];
  readonly functions: readonly FunctionSpec[];
};

/** Lambda's own limit where the template sets none: an account has 1,000. */
const UNLIMITED_CONCURRENCY = 1000;

/**
 * Reads a template as CloudFormation would for these parameters.
 *
 * @param overrides as `sam deploy --parameter-overrides` takes them
 * @throws StartError naming the resource and property that are wrong
 */
export function describeStack(
  template: Template,
  place: Place,
  overrides: Readonly<Record<string, string | number>> = {},
): Stack {
  const scope: Scope = {
    parameters: { ...parameterValues(template, overrides), ...pseudoParameters(place) },
    resources: physicalResources(template, place),
  };
  const of = <T>(type: string, schema: v.GenericSchema<unknown, T>) =>
    resourcesOf(template, scope, type, schema).map((found) => ({
      ...found,
      name: nameOf(found.logicalId, place),
      ref: scope.resources[found.logicalId]?.ref ?? '',
      arn: scope.resources[found.logicalId]?.attributes['Arn'] ?? '',
    }));

  return {
    buckets: of('AWS::S3::Bucket', Bucket).map(({ logicalId, name, properties }) => ({
      logicalId,
      name,
      versioned: properties.VersioningConfiguration?.Status === 'Enabled',
      eventBridge:
        properties.NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled === true,
    })),
    queues: of('AWS::SQS::Queue', Queue).map(({ logicalId, name, ref, arn, properties }) => ({
      logicalId,
      name,
      url: ref,
      arn,
      attributes: Object.fromEntries(
        Object.entries(properties).flatMap(([key, value]) =>
          value === undefined
            ? []
            : [[key, typeof value === 'string' ? value : JSON.stringify(value)]],
        ),
      ),
    })),
    topics: of('AWS::SNS::Topic', v.object({})).map(({ logicalId, name, ref }) => ({
      logicalId,
      name,
      arn: ref,
    })),
    rules: of('AWS::Events::Rule', Rule).map(({ name, properties }) => ({
      name,
      enabled: properties.State === 'ENABLED',
      pattern: properties.EventPattern,
      targets: properties.Targets,
    })),
    functions: of('AWS::Serverless::Function', LambdaFunction).map(
      ({ logicalId, name, arn, properties }) => ({
        logicalId,
        name,
        arn,
        ...handlerOf(logicalId, properties, template),
        timeoutMs: properties.Timeout * 1000,
        memoryMb: properties.MemorySize,
        environment: properties.Environment.Variables,
        queues: Object.values(properties.Events).flatMap((event) =>
          event.Type === 'SQS' ? [queueSource(event.Properties)] : [],
        ),
        schedules: Object.values(properties.Events).flatMap((event) =>
          event.Type === 'Schedule' ? [schedule(event.Properties)] : [],
        ),
      }),
    ),
  };
}

/** @throws StartError when the template has no such resource */
export function withLogicalId<T extends { readonly logicalId: string }>(
  specs: readonly T[],
  logicalId: string,
): T {
  const spec = specs.find((candidate) => candidate.logicalId === logicalId);
  if (spec !== undefined) return spec;
  throw new StartError(`The template has no ${logicalId}, which Airlock cannot do without.`);
}

function parameterValues(
  template: Template,
  overrides: Readonly<Record<string, string | number>>,
): Record<string, string | number> {
  const unknown = Object.keys(overrides).find((name) => !(name in template.Parameters));
  if (unknown !== undefined) throw new StartError(`The template has no parameter ${unknown}.`);
  return Object.fromEntries(
    Object.entries(template.Parameters).map(([name, { Default }]) => {
      const value = overrides[name] ?? Default;
      if (value === undefined) throw new StartError(`The parameter ${name} has no value.`);
      return [name, value];
    }),
  );
}

function pseudoParameters({ region, accountId, stackName }: Place): Record<string, string> {
  return {
    'AWS::Region': region,
    'AWS::AccountId': accountId,
    'AWS::StackName': stackName,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  };
}

/** Resolves only the properties that the schema asks for: the others may speak of AWS alone. */
function resourcesOf<T>(
  template: Template,
  scope: Scope,
  type: string,
  schema: v.GenericSchema<unknown, T>,
): { readonly logicalId: string; readonly properties: T }[] {
  const globals = type === 'AWS::Serverless::Function' ? template.Globals.Function : {};
  const wanted: readonly string[] = 'entries' in schema ? Object.keys(Object(schema.entries)) : [];
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => {
      const properties = Object.entries({ ...globals, ...resource.Properties })
        .filter(([name]) => wanted.includes(name))
        .map(([name, value]) => [name, resolve(value, scope, `${logicalId}.${name}`)]);
      const parsed = v.safeParse(schema, Object.fromEntries(properties));
      if (parsed.success) return { logicalId, properties: parsed.output };
      const [issue] = parsed.issues;
      throw new StartError(
        `The template's ${logicalId} is wrong at ${v.getDotPath(issue)}: ${issue.message}.`,
      );
    });
}

type EventOf<T> = Extract<
  v.InferOutput<typeof LambdaFunction>['Events'][string],
  { Type: T }
>['Properties'];

function queueSource(event: EventOf<'SQS'>): FunctionSpec['queues'][number] {
  return {
    queueArn: event.Queue,
    batchSize: event.BatchSize,
    partialFailures: event.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: event.ScalingConfig?.MaximumConcurrency ?? UNLIMITED_CONCURRENCY,
  };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

function schedule({ Schedule, Input }: EventOf<'Schedule'>): FunctionSpec['schedules'][number] {
  const [, count, unit = ''] = /(\d+) ([a-z]+?)s?\)/.exec(Schedule) ?? [];
  return { everyMs: Number(count) * (UNIT_MS[unit] ?? 0), input: Input };
}

/**
 * Where the handler's source is. An image is told `folder/file.export`; a function that esbuild
 * bundles into one file has its source in the build's entry point.
 */
function handlerOf(
  logicalId: string,
  properties: v.InferOutput<typeof LambdaFunction>,
  template: Template,
): Pick<FunctionSpec, 'source' | 'exportName'> {
  const handler = properties.Handler ?? properties.ImageConfig?.Command[0];
  const [, file, exportName] = /^(.+)\.([^./]+)$/.exec(handler ?? '') ?? [];
  if (file === undefined || exportName === undefined) {
    throw new StartError(`The template's ${logicalId} names no handler.`);
  }
  const [entry] = template.Resources[logicalId]?.Metadata?.BuildProperties?.EntryPoints ?? [];
  return { source: entry ?? `${file}.ts`, exportName };
}
