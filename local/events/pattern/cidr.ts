import { InvalidEventPattern } from './invalid-event-pattern.ts';
import { parseIpAddress } from './ip-address.ts';
import type { LeafTest } from './json.ts';

/**
 * `{ "cidr": "10.0.0.0/24" }`, IPv4 or IPv6. A mask of the whole address (/32, /128) is refused, as
 * in https://github.com/aws/event-ruler; use the address itself instead.
 */
export function cidr(operand: unknown, at: string): LeafTest {
  if (typeof operand !== 'string') {
    throw new InvalidEventPattern('cidr match pattern must be a string', at);
  }
  const [address, mask, ...rest] = operand.split('/');
  if (address === undefined || mask === undefined || mask === '' || rest.length > 0) {
    throw new InvalidEventPattern("Malformed CIDR, one '/' required", at);
  }
  if (!/^\d+$/.test(mask)) {
    throw new InvalidEventPattern('Malformed CIDR, mask bits must be an integer', at);
  }
  const network = parseIpAddress(address);
  if (network === undefined) {
    throw new InvalidEventPattern(`Nonstandard IP address: ${address}`, at);
  }
  if (Number(mask) >= network.bitCount) {
    const family = network.bitCount === 32 ? 'IPv4' : 'IPv6';
    throw new InvalidEventPattern(`${family} mask bits must be < ${network.bitCount}`, at);
  }
  const hostBits = BigInt(network.bitCount - Number(mask));
  return (leaf) => {
    const ip = typeof leaf === 'string' ? parseIpAddress(leaf) : undefined;
    return ip?.bitCount === network.bitCount && ip.value >> hostBits === network.value >> hostBits;
  };
}
