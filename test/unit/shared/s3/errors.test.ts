import { NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { httpStatusOf, isNoSuchKey, isNotFound } from '../../../../shared/s3/errors.ts';

const answer = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } });

test('the status of an answer is read, also of an SDK that is not ours', () => {
  expect(httpStatusOf(answer('SlowDown', 503))).toBe(503);
  const foreign = { $fault: 'client', $metadata: { httpStatusCode: 403 } };
  expect(httpStatusOf(Object.assign(new Error('AccessDenied'), foreign))).toBe(403);
});

test.each([
  ['a broken connection', Object.assign(new Error('reset'), { $metadata: { attempts: 3 } })],
  [
    'an answer that cannot be parsed',
    Object.assign(new SyntaxError('XML'), { $metadata: { httpStatusCode: 200 } }),
  ],
  ['an answer without a status', new NoSuchKey({ message: '', $metadata: {} })],
  ['no error', { $fault: 'client', $metadata: { httpStatusCode: 404 } }],
  ['nothing', undefined],
])('%s has no status', (_name, error) => {
  expect(httpStatusOf(error)).toBeUndefined();
  expect(isNotFound(error)).toBe(false);
});

test('a missing bucket is not found, but no missing key', () => {
  const [head, key, bucket] = ['NotFound', 'NoSuchKey', 'NoSuchBucket'].map((it) =>
    answer(it, 404),
  );
  expect([head, key, bucket].map(isNotFound)).toEqual([true, true, true]);
  expect([head, key, bucket].map(isNoSuchKey)).toEqual([false, true, false]);
});
