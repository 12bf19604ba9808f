import { describe, expect, test } from 'vitest';
import { resolve } from '../../../local/stack/resolve.ts';
import { describeStack } from '../../../local/stack/stack.ts';
import { parseTemplate } from '../../../local/stack/template.ts';

const place = {
  region: 'eu-central-1',
  accountId: '000000000000',
  stackName: 'airlock',
  sqsEndpoint: 'http://127.0.0.1:9324',
};

describe('intrinsic functions', () => {
  const scope = {
    parameters: { Stage: 'dev', Size: 10, 'AWS::Region': 'eu-central-1' },
    resources: { Queue: { ref: 'http://queue', attributes: { Arn: 'arn:queue' } } },
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
    ['[{ Ref: Stage }, { deep: !Ref Stage }]', ['dev', { deep: 'dev' }]],
  ])('%s', (yaml, value) => {
    expect(text(yaml)).toEqual(value);
  });

  test.each([
    ['!Ref Nothing', 'R.It refers to Nothing'],
    ['!GetAtt Queue.Colour', 'R.It refers to Queue.Colour'],
    ['!ImportValue x', 'R.It uses Fn::ImportValue'],
  ])('%s is refused by name', (yaml, words) => {
    expect(() => text(yaml)).toThrow(words);
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
`,
    'test',
  );
  const stack = describeStack(template, place, { Wait: '8' });
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
      queues: [{ batchSize: 3, partialFailures: false, maximumConcurrency: 1000 }],
    },
  ]);
});

test('a parameter that the template does not have is refused', () => {
  const template = parseTemplate('Resources: {}', 'test');
  expect(() => describeStack(template, place, { Typo: 1 })).toThrow('no parameter Typo');
});
