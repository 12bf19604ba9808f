import { isIPv6 } from 'node:net';

export type IpAddress = { readonly bitCount: 32 | 128; readonly value: bigint };

/** Parses an IPv4 or IPv6 literal; EventBridge accepts neither zone ids nor dotted IPv6. */
export function parseIpAddress(text: string): IpAddress | undefined {
  return parseIPv4(text) ?? parseIPv6(text);
}

export function isSameAddress(left: IpAddress, right: IpAddress | undefined): boolean {
  return left.bitCount === right?.bitCount && left.value === right.value;
}

function parseIPv4(text: string): IpAddress | undefined {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(text)) return undefined;
  // Leading zeros are decimal here, never octal.
  const octets = text.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return { bitCount: 32, value: joinGroups(octets, 8n) };
}

function parseIPv6(text: string): IpAddress | undefined {
  if (!/^[0-9a-f:]+$/i.test(text) || !isIPv6(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const left = hexGroups(head);
  const right = hexGroups(tail ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return { bitCount: 128, value: joinGroups([...left, ...zeros, ...right], 16n) };
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function joinGroups(groups: readonly number[], groupBits: bigint): bigint {
  return groups.reduce((value, group) => (value << groupBits) | BigInt(group), 0n);
}
