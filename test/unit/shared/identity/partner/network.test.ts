import { expect, test } from 'vitest';
import { isInNetworks, parseNetwork } from '../../../../../shared/identity/partner/network.ts';

test.each([
  ['192.0.2.7', ['192.0.2.0/24'], true],
  ['192.0.3.7', ['192.0.2.0/24'], false],
  ['192.0.2.7', ['192.0.2.7'], true],
  ['192.0.2.8', ['192.0.2.7'], false],
  ['192.0.2.7', ['0.0.0.0/0'], true],
  ['192.0.2.7', ['::/0'], false],
  ['2001:db8::1', ['2001:db8::/32'], true],
  ['2001:db9::1', ['2001:db8::/32'], false],
  ['2001:DB8::1', ['2001:db8:0:0::1'], true],
  ['2001:db8::1', ['0.0.0.0/0'], false],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
  ['::ffff:192.0.3.7', ['192.0.2.0/24'], false],
  ['198.51.100.1', ['192.0.2.0/24', '198.51.100.0/31'], true],
  ['not an address', ['0.0.0.0/0', '::/0'], false],
  ['', ['0.0.0.0/0', '::/0'], false],
])('%s in %j: %s', (address, networks, isIn) => {
  expect(isInNetworks(address, networks)).toBe(isIn);
});

test.each([
  '',
  '192.0.2',
  '192.0.2.0/33',
  '192.0.2.0/',
  '192.0.2.0/24/1',
  '::1/129',
  'fe80::1%eth0',
  '010.0.0.1',
  'example.com',
  '192.0.2.0/-1',
  '192.0.2.0/1e1',
])('"%s" is not a network', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});
