import { StartError } from '../../shared/platform/start-error.ts';

/**
 * `Fn::Cidr`: `count` ranges with `hostBits` host bits each, from the start of `block`.
 *
 * @throws StartError when `block` is not an IPv4 range or too small
 */
export function cidrRanges(block: string, count: number, hostBits: number): readonly string[] {
  const [, text, prefix] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(block) ?? [];
  const size = 2 ** hostBits;
  if (text === undefined || count * size > 2 ** (32 - Number(prefix))) {
    throw new StartError(`${block} has no room for ${count} ranges of ${size} addresses.`);
  }
  const start = text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return Array.from({ length: count }, (_, index) => {
    const address = start + index * size;
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
    return `${bytes.join('.')}/${32 - hostBits}`;
  });
}
