import assert from 'node:assert/strict';

type Resource = {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
};

export type CloudFormation = {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly [section: string]: unknown;
};

type SamFunction = Readonly<Record<string, unknown>> & {
  readonly Events?: Readonly<Record<string, SamEvent>>;
  readonly EventInvokeConfig?: EventInvokeConfig;
};
type SamEvent = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };
type EventInvokeConfig = {
  readonly DestinationConfig: { readonly OnFailure: { readonly Destination: unknown } };
};

/** What a function of SAM and one of CloudFormation spell alike. */
const SAME = [
  'Architectures',
  'Description',
  'Environment',
  'EphemeralStorage',
  'FileSystemConfigs',
  'Handler',
  'ImageConfig',
  'LoggingConfig',
  'MemorySize',
  'PackageType',
  'ReservedConcurrentExecutions',
  'Role',
  'Runtime',
  'Timeout',
  'VpcConfig',
];

/**
 * Does what CloudFormation's SAM transform does, as far as template.yaml goes: functions with a role
 * of their own, whose events are queues, schedules and rules. It refuses all else, so that nothing is
 * left out in silence.
 * https://github.com/aws/serverless-application-model/blob/develop/docs/internals/generated_resources.rst
 */
export function expandSam(template: CloudFormation): CloudFormation {
  const { Transform, Globals, ...rest } = template as CloudFormation & {
    readonly Globals?: { readonly Function?: Readonly<Record<string, unknown>> };
  };
  assert.equal(Transform, 'AWS::Serverless-2016-10-31');
  const resources = Object.entries(template.Resources).flatMap(([logicalId, resource]) =>
    resource.Type === 'AWS::Serverless::Function'
      ? expandFunction(logicalId, resource, Globals?.Function ?? {})
      : [[logicalId, resource] as const],
  );
  return { ...rest, Resources: Object.fromEntries(resources) };
}

type Entry = readonly [string, Resource];

function expandFunction(
  logicalId: string,
  { Properties = {}, Metadata: _build, Type: _type, ...attributes }: Resource,
  globals: Readonly<Record<string, unknown>>,
): Entry[] {
  const { Events, EventInvokeConfig, Tracing, CodeUri, ...properties }: SamFunction = {
    ...globals,
    ...Properties,
  };
  const unknown = Object.keys(properties).filter((name) => !SAME.includes(name));
  assert.deepEqual(unknown, [], `${logicalId} has properties that this expansion does not know`);
  assert.ok('Role' in properties, `${logicalId} has no role of its own`);
  const code =
    properties['PackageType'] === 'Image'
      ? { ImageUri: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/airlock:latest' }
      : { S3Bucket: 'artifacts', S3Key: String(CodeUri) };
  const lambda: Resource = {
    ...attributes,
    Type: 'AWS::Lambda::Function',
    Properties: { ...properties, Code: code, TracingConfig: { Mode: Tracing } },
  };
  const events = Object.entries(Events ?? {}).flatMap(([name, event]) =>
    expandEvent(logicalId, `${logicalId}${name}`, event),
  );
  return [[logicalId, lambda], ...expandInvocation(logicalId, EventInvokeConfig), ...events];
}

function expandInvocation(logicalId: string, config: EventInvokeConfig | undefined): Entry[] {
  if (config === undefined) return [];
  const { Destination } = config.DestinationConfig.OnFailure;
  const Properties = {
    ...config,
    FunctionName: { Ref: logicalId },
    Qualifier: '$LATEST',
    DestinationConfig: { OnFailure: { Destination } },
  };
  return [
    [`${logicalId}EventInvokeConfig`, { Type: 'AWS::Lambda::EventInvokeConfig', Properties }],
  ];
}

function expandEvent(functionId: string, id: string, { Type, Properties }: SamEvent): Entry[] {
  switch (Type) {
    case 'SQS': {
      const { Queue, ...rest } = Properties;
      const mapping = { ...rest, EventSourceArn: Queue, FunctionName: { Ref: functionId } };
      return [[id, { Type: 'AWS::Lambda::EventSourceMapping', Properties: mapping }]];
    }
    case 'Schedule': {
      const { Schedule, Description, ...target } = Properties;
      return rule(functionId, id, { ScheduleExpression: Schedule, Description }, target);
    }
    case 'EventBridgeRule': {
      const { Pattern, ...target } = Properties;
      return rule(functionId, id, { EventPattern: Pattern }, target);
    }
    default:
      throw new assert.AssertionError({ message: `${id}: the event ${Type} is not known here` });
  }
}

function rule(functionId: string, id: string, when: object, target: object): Entry[] {
  const Targets = [{ ...target, Id: `${id}Target`, Arn: { 'Fn::GetAtt': [functionId, 'Arn'] } }];
  const permission = {
    Action: 'lambda:InvokeFunction',
    FunctionName: { Ref: functionId },
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': [id, 'Arn'] },
  };
  return [
    [id, { Type: 'AWS::Events::Rule', Properties: { ...when, Targets } }],
    [`${id}Permission`, { Type: 'AWS::Lambda::Permission', Properties: permission }],
  ];
}
