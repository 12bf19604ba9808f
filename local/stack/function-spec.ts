import type * as v from 'valibot';
import { StartError } from '../../shared/platform/start-error.ts';
import type { LambdaFunction } from './resources.ts';
import type { Template } from './template.ts';

export type FunctionSpec = {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The handler's source, relative to the template. */
  readonly source: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Execution environments at once. */
  readonly maxConcurrency: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly queues: readonly {
    readonly queueArn: string;
    readonly batchSize: number;
    readonly partialFailures: boolean;
    readonly maximumConcurrency: number;
  }[];
  readonly schedules: readonly { readonly everyMs: number; readonly input: unknown }[];
};

/**
 * Without a limit in the template. An account of AWS has a quota of 10 to 1000; here each environment is a process of
 * some 100 MB, and more of them than cores are no faster.
 */
const DEFAULT_CONCURRENCY = 4;

type Properties = v.InferOutput<typeof LambdaFunction>;
type Metadata = Template['Resources'][string]['Metadata'];

/** A function's settings. @throws StartError when it has no handler */
export function describeFunction(
  logicalId: string,
  properties: Properties,
  metadata: Metadata,
): Omit<FunctionSpec, 'logicalId' | 'name' | 'arn'> {
  const events = Object.values(properties.Events);
  const queues = events.flatMap((event) =>
    event.Type === 'SQS' ? [queueSource(event.Properties)] : [],
  );
  const polled = queues.reduce((sum, { maximumConcurrency }) => sum + maximumConcurrency, 0);
  return {
    ...handlerOf(logicalId, properties, metadata),
    timeoutMs: properties.Timeout * 1000,
    memoryMb: properties.MemorySize,
    maxConcurrency:
      properties.ReservedConcurrentExecutions ?? (polled > 0 ? polled : DEFAULT_CONCURRENCY),
    environment: properties.Environment.Variables,
    queues,
    schedules: events.flatMap((event) =>
      event.Type === 'Schedule' ? [schedule(event.Properties)] : [],
    ),
  };
}

type EventOf<T extends 'SQS' | 'Schedule'> = Extract<
  Properties['Events'][string],
  { Type: T }
>['Properties'];

function queueSource(event: EventOf<'SQS'>): FunctionSpec['queues'][number] {
  return {
    queueArn: event.Queue,
    batchSize: event.BatchSize,
    partialFailures: event.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: event.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
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
 * The handler's source file. In an image it is `folder/file.export` of the command; for a function
 * bundled by esbuild it is the build's entry point.
 */
function handlerOf(
  logicalId: string,
  properties: Properties,
  metadata: Metadata,
): Pick<FunctionSpec, 'source' | 'exportName'> {
  const handler = properties.Handler ?? properties.ImageConfig?.Command[0];
  const [, file, exportName] = /^(.+)\.([^./]+)$/.exec(handler ?? '') ?? [];
  if (file === undefined || exportName === undefined) {
    throw new StartError(`The template's ${logicalId} names no handler.`);
  }
  const [entry] = metadata?.BuildProperties?.EntryPoints ?? [];
  return { source: entry ?? `${file}.ts`, exportName };
}
