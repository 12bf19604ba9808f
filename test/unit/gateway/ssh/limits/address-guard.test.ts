import { expect, test } from 'vitest';
import { AddressGuard } from '../../../../../gateway/ssh/limits/address-guard.ts';
import { DEFAULT_LIMITS } from '../../../../../gateway/ssh/limits/limits.ts';

test('an address is refused for a while, together with its IPv6 /64', () => {
  let now = 0;
  const guard = new AddressGuard({ ...DEFAULT_LIMITS, failuresPerAddress: 3 }, () => now);
  const delays = [1, 2, 3].map(() => guard.recordFailure('2001:db8::1'));
  expect(delays).toEqual([0, 0, 100]);
  expect(guard.admit('2001:db8:0:0:ffff::2')).toBe('too-many-failures');
  expect(guard.admit('2001:db8:0:1::1')).toBeUndefined();
  expect(guard.admit('192.0.2.1')).toBeUndefined();
  now += DEFAULT_LIMITS.failureMemoryMs;
  expect(guard.admit('2001:db8::1')).toBeUndefined();
});
