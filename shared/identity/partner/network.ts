import { BlockList, isIP } from 'node:net';

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
export type Network = {
  readonly address: string;
  readonly prefixBits: number;
  readonly family: 'ipv4' | 'ipv6';
};

/** @returns undefined when the text is neither an address nor a CIDR */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const maxBits = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const prefixBits = Number(bits ?? maxBits);
  if (prefixBits > maxBits) return undefined;
  return { address, prefixBits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/**
 * Whether an address is in one of the networks. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`, as
 * dual-stack servers see it) counts as IPv4. False for anything but an address.
 */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (isIP(plain) === 0) return false;
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
  // Node counts an IPv4 address as in ::/0, too; networks of the other family are left out.
  const list = new BlockList();
  for (const network of networks.map(parseNetwork)) {
    if (network?.family === family) list.addSubnet(network.address, network.prefixBits, family);
  }
  return list.check(plain, family);
}
