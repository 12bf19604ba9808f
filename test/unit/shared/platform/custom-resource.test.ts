import { expect, test } from 'vitest';
import { answerCloudFormation } from '../../../../shared/platform/custom-resource.ts';
import { openAnswerBucket } from '../../../support/answer-bucket.ts';

const put = async () => ({ physicalId: 'thing-1', attributes: { Name: 'n' } });

test('reports the result to CloudFormation, with the ids of its request', async () => {
  await using bucket = await openAnswerBucket();
  await answerCloudFormation(bucket.request('Create', {}), put);
  const [answer] = bucket.answers;
  expect(answer?.body).toEqual({
    Status: 'SUCCESS',
    PhysicalResourceId: 'thing-1',
    Data: { Name: 'n' },
    StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/airlock/1',
    RequestId: 'r-1',
    LogicalResourceId: 'Thing',
  });
  // The URL is signed for an empty one.
  expect(answer?.headers['content-type']).toBe('');
});

test('a failure is reported with its reason, and does not fail the invocation', async () => {
  await using bucket = await openAnswerBucket();
  await answerCloudFormation(bucket.request('Create', {}), async () => {
    throw new Error('no endpoint');
  });
  expect(bucket.answers[0]?.body).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('no endpoint'),
    PhysicalResourceId: 'Thing',
  });
});

test('a deletion is acknowledged without doing anything', async () => {
  await using bucket = await openAnswerBucket();
  let made = 0;
  const request = { ...bucket.request('Delete', {}), PhysicalResourceId: 'thing-1' };
  await answerCloudFormation(request, async () => {
    made += 1;
    return await put();
  });
  expect(made).toBe(0);
  expect(bucket.answers[0]?.body).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'thing-1',
  });
});

test('when the result cannot be reported, the invocation fails, and Lambda repeats it', async () => {
  await using bucket = await openAnswerBucket(403);
  await expect(answerCloudFormation(bucket.request('Create', {}), put)).rejects.toThrow('403');
});
