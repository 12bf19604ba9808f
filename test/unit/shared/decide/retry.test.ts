import { expect, test } from 'vitest';
import { nextMove } from '../../../../shared/decide/retry.ts';

const policy = { maxReceiveCount: 4, retryBaseS: 30 };

test('each retry waits twice as long as the one before', () => {
  const waits = [1, 2, 3].map((receiveCount) => nextMove('retry', receiveCount, policy));
  expect(waits).toEqual([{ hideForS: 30 }, { hideForS: 60 }, { hideForS: 120 }]);
});

test('the last receive is dead-lettered by us, before SQS does it without a reason', () => {
  expect(nextMove('retry', 4, policy)).toBe('dead-letter');
  expect(nextMove('retry', 5, policy)).toBe('dead-letter');
});

test('what can never succeed is dead-lettered at once', () => {
  expect(nextMove('dead-letter', 1, policy)).toBe('dead-letter');
});

test('no wait is longer than SQS allows', () => {
  expect(nextMove('retry', 30, { maxReceiveCount: 1000, retryBaseS: 30 })).toEqual({
    hideForS: 43_200,
  });
});
