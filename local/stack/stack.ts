import * as v from 'valibot';
import { StartError } from '../../shared/platform/start-error.ts';
import { describeFunction, type FunctionSpec } from './function-spec.ts';
import { instantiate } from './instantiate.ts';
import { nameOf, type Deployment } from './physical.ts';
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

/** The part of the template that runs locally. */
export type Stack = {
  readonly buckets: readonly BucketSpec[];
  readonly queues: readonly QueueSpec[];
  readonly topics: readonly TopicSpec[];
  readonly rules: readonly RuleSpec[];
  readonly functions: readonly FunctionSpec[];
};

/**
 * Evaluates a template for these parameters, as CloudFormation does.
 *
 * @param overrides as `sam deploy --parameter-overrides` takes them
 * @throws StartError naming the invalid resource and property
 */
export function describeStack(
  template: Template,
  deployment: Deployment,
  overrides: Readonly<Record<string, string | number>> = {},
): Stack {
  const { scope, template: present } = instantiate(template, deployment, overrides);
  const of = <T>(type: string, schema: v.GenericSchema<unknown, T>) =>
    resourcesOf(present, scope, type, schema).map((found) => ({
      ...found,
      name: nameOf(found.logicalId, deployment),
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
        ...describeFunction(logicalId, properties, present.Resources[logicalId]?.Metadata),
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
  throw new StartError(`The template has no ${logicalId}, which Airlock needs.`);
}

/** Resolves only the properties in the schema: the others may refer to things that exist on AWS only. */
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
      const properties = Object.entries({ ...globals, ...resource.Properties }).filter(([name]) =>
        wanted.includes(name),
      );
      const resolved = resolve(Object.fromEntries(properties), scope, logicalId);
      const parsed = v.safeParse(schema, resolved);
      if (parsed.success) return { logicalId, properties: parsed.output };
      const [issue] = parsed.issues;
      throw new StartError(
        `The template's ${logicalId} is invalid at ${v.getDotPath(issue)}: ${issue.message}.`,
      );
    });
}
