import { createHash } from 'node:crypto';

/**
 * The key types that Transfer Family accepts.
 * https://docs.aws.amazon.com/transfer/latest/userguide/key-management.html
 */
const TYPES: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
];
const MIN_RSA_BITS = 2048;
const PRIVATE_KEY = 'is a private key; keep it secret and give the line of the .pub file';

export type PublicKey = {
  /** Type and base64, as Transfer compares them; no options, no comment. */
  readonly key: string;
  /** What followed the key on its line; often `user@host`. */
  readonly comment: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
};

/**
 * Reads one line of an OpenSSH `.pub` file.
 *
 * @returns or why it is not a public key, and what to do
 */
export function parsePublicKey(line: string): PublicKey | { readonly problem: string } {
  const [type = '', base64 = '', ...comment] = line.trim().split(/\s+/);
  if (line.includes('PRIVATE KEY')) return { problem: PRIVATE_KEY };
  if (/[\r\n]/.test(line.trim())) return { problem: 'has several lines; give one key' };
  if (line.startsWith('----')) {
    return {
      problem: 'is not in the format of OpenSSH; convert it with `ssh-keygen -i -f FILE`',
    };
  }
  if (!TYPES.includes(type) && TYPES.some((each) => line.includes(`${each} `))) {
    return { problem: 'begins with options; give type, key and comment only' };
  }
  if (!TYPES.includes(type)) {
    return { problem: `has the type "${type}"; it must be one of ${TYPES.join(', ')}` };
  }
  const fields = readFields(base64);
  if (fields === undefined || fields[0]?.toString() !== type) {
    return { problem: 'is damaged; copy the whole line of the .pub file again' };
  }
  const bits = type === 'ssh-rsa' ? bitsOf(fields[2]) : undefined;
  if (bits !== undefined && bits < MIN_RSA_BITS) {
    return { problem: `has ${bits} bits; use one of ${MIN_RSA_BITS} or more, or an ed25519 key` };
  }
  return { key: `${type} ${base64}`, comment: comment.join(' '), fingerprint: digest(base64) };
}

/**
 * Reads the lines of a `.pub` or `authorized_keys` file; empty lines and those that begin with `#` are passed
 * over, and a key that is there twice counts once.
 *
 * @returns or why a line of it is not a public key, and what to do
 */
export function parsePublicKeys(
  text: string,
): { readonly keys: readonly PublicKey[] } | { readonly problem: string } {
  // Not line by line: the message must not be about its base64.
  if (text.includes('PRIVATE KEY')) return { problem: PRIVATE_KEY };
  const lines = text.split(/\r?\n|\r/).map((line) => line.trim());
  const keys = new Map<string, PublicKey>();
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const parsed = parsePublicKey(line);
    if ('problem' in parsed) return { problem: `in line ${index + 1} ${parsed.problem}` };
    if (!keys.has(parsed.key)) keys.set(parsed.key, parsed);
  }
  return keys.size === 0 ? { problem: 'holds no key' } : { keys: [...keys.values()] };
}

/** The fingerprint of a valid key. */
export function fingerprintOf(key: string): string {
  return digest(key.split(' ')[1] ?? '');
}

function digest(base64: string): string {
  const sha256 = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');
  return `SHA256:${sha256.replaceAll('=', '')}`;
}

/** RFC 4253, 6.6: a key is a sequence of length-prefixed fields, with nothing after them. */
function readFields(base64: string): readonly Buffer[] | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== base64) return undefined;
  const fields: Buffer[] = [];
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return offset === bytes.length && fields.length >= 2 ? fields : undefined;
}

/** Of an mpint: its leading zero byte, if any, is for the sign. */
function bitsOf(number: Buffer | undefined): number {
  const hex = number?.toString('hex').replace(/^0+/, '') ?? '';
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length;
}
