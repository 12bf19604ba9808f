import { describe, expect, test } from 'vitest';
import { instantiate } from '../../../../local/stack/instantiate.ts';
import { resolve } from '../../../../local/stack/resolve.ts';
import { describeStack } from '../../../../local/stack/stack.ts';
import { parseTemplate } from '../../../../local/stack/template.ts';

const deployment = {
  region: 'eu-central-1',
  accountId: '000000000000',
  stackName: 'airlock',
  sqsEndpoint: 'http://127.0.0.1:9324',
};

describe('intrinsic functions', () => {
  const scope = {
    parameters: { Stage: 'dev', Size: 10, 'AWS::Region': 'eu-central-1' },
    resources: { Queue: { ref: 'http://queue', attributes: { Arn: 'arn:queue' } } },
    conditions: { Yes: true, No: false },
  };
  const text = (yaml: string): unknown => {
    const template = parseTemplate(
      `Resources:\n  R:\n    Type: T\n    Properties:\n      It: ${yaml}`,
      't',
    );
    return resolve(template.Resources['R']?.Properties['It'], scope, 'R.It');
  };

  test.each<[string, unknown]>([
    ['!Ref Stage', 'dev'],
    ['!Ref Size', 10],
    ['!Ref Queue', 'http://queue'],
    ['!GetAtt Queue.Arn', 'arn:queue'],
    ['{ Fn::GetAtt: [Queue, Arn] }', 'arn:queue'],
    [
      '!Sub "${Stage}-${Queue.Arn}-${AWS::Region}-${!Literal}"',
      'dev-arn:queue-eu-central-1-${Literal}',
    ],
    ['!Sub ["${A}/${Stage}", { A: !Ref Size }]', '10/dev'],
    ['!Join ["-", [a, !Ref Stage]]', 'a-dev'],
    ['!If [Yes, !Ref Stage, !Ref Nothing]', 'dev'],
    ['!If [No, !Ref Nothing, other]', 'other'],
    ['{ a: 1, b: !If [No, 2, !Ref AWS::NoValue] }', { a: 1 }],
    ['[1, !Ref AWS::NoValue, 2]', [1, 2]],
    ['!Split [",", "a,b"]', ['a', 'b']],
    ['!Select [1, !Split [",", "a,b"]]', 'b'],
    ['!Cidr [10.42.0.0/24, 2, 7]', ['10.42.0.0/25', '10.42.0.128/25']],
    ['!Select [0, !GetAZs ""]', 'eu-central-1a'],
    ['[{ Ref: Stage }, { deep: !Ref Stage }]', ['dev', { deep: 'dev' }]],
  ])('%s', (yaml, value) => {
    expect(text(yaml)).toEqual(value);
  });

  test.each([
    ['!Ref Nothing', 'R.It refers to Nothing'],
    ['!GetAtt Queue.Colour', 'R.It refers to Queue.Colour'],
    ['!ImportValue x', 'R.It uses Fn::ImportValue'],
    ['!If [Maybe, 1, 2]', 'R.It refers to the condition Maybe'],
    ['!If [Yes, 1]', 'R.It needs 3 operands for Fn::If'],
    ['!Select [2, [a, b]]', 'R.It selects an item outside its list'],
    ['!Join ["-", a]', 'R.It needs a list for Fn::Join'],
    ['!Cidr [10.42.0.0/25, 4, 7]', '10.42.0.0/25 has no room for 4 ranges of 128 addresses'],
  ])('%s is refused with a reason', (yaml, message) => {
    expect(() => text(yaml)).toThrow(message);
  });
});

test('resources get the names and settings that the template gives them', () => {
  const template = parseTemplate(
    `
Parameters:
  Wait: { Type: Number, Default: 7 }
Globals:
  Function: { Timeout: 9 }
Resources:
  InboxBucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: { Status: Enabled }
  WorkQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !Ref Wait
      RedrivePolicy: { deadLetterTargetArn: !GetAtt DeadQueue.Arn, maxReceiveCount: !Ref Wait }
  DeadQueue:
    Type: AWS::SQS::Queue
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: functions/worker/handler.handler
      Environment: { Variables: { QUEUE: !Ref WorkQueue } }
      Role: !ImportValue only-on-aws
      Events:
        Work:
          Type: SQS
          Properties: { Queue: !GetAtt WorkQueue.Arn, BatchSize: 3 }
  Reserved:
    Type: AWS::Serverless::Function
    Properties: { Handler: functions/r/handler.handler, ReservedConcurrentExecutions: 2 }
  Unlimited:
    Type: AWS::Serverless::Function
    Properties:
      Handler: functions/u/handler.handler
      ReservedConcurrentExecutions: !Ref AWS::NoValue
`,
    'test',
  );
  const stack = describeStack(template, deployment, { Wait: '8' });
  expect(stack.buckets).toEqual([
    { logicalId: 'InboxBucket', name: 'airlock-inbox-bucket', versioned: true, eventBridge: false },
  ]);
  expect(stack.queues[0]).toEqual({
    logicalId: 'WorkQueue',
    name: 'airlock-work-queue',
    url: 'http://127.0.0.1:9324/000000000000/airlock-work-queue',
    arn: 'arn:aws:sqs:eu-central-1:000000000000:airlock-work-queue',
    attributes: {
      VisibilityTimeout: '8',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:airlock-dead-queue","maxReceiveCount":8}',
    },
  });
  expect(stack.functions).toMatchObject([
    {
      source: 'functions/worker/handler.ts',
      exportName: 'handler',
      timeoutMs: 9000,
      environment: { QUEUE: 'http://127.0.0.1:9324/000000000000/airlock-work-queue' },
      maxConcurrency: 4,
      queues: [{ batchSize: 3, partialFailures: false, maximumConcurrency: 4 }],
    },
    { logicalId: 'Reserved', maxConcurrency: 2 },
    { logicalId: 'Unlimited', maxConcurrency: 4 },
  ]);
});

test('a parameter that the template does not have is refused', () => {
  const template = parseTemplate('Resources: {}', 'test');
  expect(() => describeStack(template, deployment, { Typo: 1 })).toThrow('no parameter Typo');
});

describe('conditions', () => {
  const evaluated = (conditions: string, overrides = {}) =>
    instantiate(
      parseTemplate(
        `
Parameters:
  Stage: { Type: String, Default: dev }
  Days: { Type: Number, Default: 0 }
Conditions:
${conditions}
Resources: {}
`,
        'test',
      ),
      deployment,
      overrides,
    ).scope.conditions;

  test('compare parameters given as numbers or as text', () => {
    const text = '  Locked: !Not [!Equals [!Ref Days, 0]]';
    expect(evaluated(text)).toEqual({ Locked: false });
    expect(evaluated(text, { Days: '0' })).toEqual({ Locked: false });
    expect(evaluated(text, { Days: 7 })).toEqual({ Locked: true });
  });

  test('refer to each other, in any order', () => {
    const text = `
  Both: !And [!Condition Prod, !Equals [!Ref Days, 3]]
  Either: !Or [!Condition Prod, !Equals [!Ref Days, 3]]
  Prod: !Equals [!Ref Stage, prod]`;
    expect(evaluated(text, { Days: 3 })).toEqual({ Prod: false, Both: false, Either: true });
    expect(evaluated(text, { Days: 3, Stage: 'prod' })).toMatchObject({ Both: true });
  });

  test.each([
    ['  A: !Condition B\n  B: !Condition A', 'refers to itself'],
    ['  A: !Condition Nothing', 'refers to the condition Nothing'],
    ['  A: !Equals [!Ref Nothing, 1]', 'refers to Nothing'],
    ['  A: !Contains [[a], a]', 'Unresolved tag: !Contains'],
    ['  A: !Ref Stage', 'uses Ref'],
  ])('are refused with a reason: %s', (text, message) => {
    expect(() => evaluated(text)).toThrow(message);
  });

  test('a resource whose condition is false is left out', () => {
    const template = parseTemplate(
      `
Parameters:
  Wanted: { Type: String, Default: 'no' }
  Names: { Type: CommaDelimitedList, Default: 'a,b' }
Conditions:
  Wanted: !Equals [!Ref Wanted, 'yes']
Resources:
  First: { Type: AWS::SQS::Queue }
  Second: { Type: AWS::SQS::Queue, Condition: Wanted }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: functions/worker/handler.handler
      Environment:
        Variables:
          QUEUE: !If [Wanted, !Ref Second, !Ref First]
          NAMES: !Join ['+', !Ref Names]
      Events:
        Alarm: { Type: EventBridgeRule, Properties: { Pattern: { source: [aws.cloudwatch] } } }
`,
      'test',
    );
    const names = (overrides: Record<string, string>) => {
      const { queues, functions } = describeStack(template, deployment, overrides);
      return [queues.map(({ logicalId }) => logicalId), functions[0]?.environment];
    };
    const at = 'http://127.0.0.1:9324/000000000000/airlock';
    expect(names({})).toEqual([['First'], { QUEUE: `${at}-first`, NAMES: 'a+b' }]);
    expect(names({ Wanted: 'yes' })).toEqual([
      ['First', 'Second'],
      { QUEUE: `${at}-second`, NAMES: 'a+b' },
    ]);
  });

  test('a resource with a condition that is not defined is refused', () => {
    const text = 'Resources:\n  A: { Type: AWS::SQS::Queue, Condition: Typo }';
    expect(() => describeStack(parseTemplate(text, 'test'), deployment)).toThrow(
      "template's A has",
    );
  });
});
