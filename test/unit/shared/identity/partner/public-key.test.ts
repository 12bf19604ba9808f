import { generateKeyPairSync } from 'node:crypto';
import ssh2 from '../../../../../gateway/ssh/ssh2.ts';
import { expect, test } from 'vitest';
import {
  fingerprintOf,
  parsePublicKey,
  parsePublicKeys,
} from '../../../../../shared/identity/partner/public-key.ts';
import { aKeyPair } from '../../../../support/partners.ts';

function rsaLine(bits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `ssh-rsa ${key.getPublicSSH().toString('base64')}`;
}

/** A pair made by ssh-keygen, with OpenSSH's own fingerprint. */
const KNOWN = {
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA62HYurOKIyIQIA9D2fl7LbCKKY9PN10WVbBb+Qdihj ada@lovelace nightly',
  fingerprint: 'SHA256:bvbxBsvFC6SA1Vhcp+8OsWKeaotcebwk0LZVshsrSXw',
};

test('a line of a .pub file is parsed, and its fingerprint is the one OpenSSH shows', () => {
  const parsed = parsePublicKey(`${KNOWN.line}\n`);
  expect(parsed).toEqual({
    key: KNOWN.line.split(' ').slice(0, 2).join(' '),
    comment: 'ada@lovelace nightly',
    fingerprint: KNOWN.fingerprint,
  });
  expect(fingerprintOf(KNOWN.line)).toBe(KNOWN.fingerprint);
});

test.each(['ecdsa', 'rsa'] as const)('%s keys are accepted', (type) => {
  const bits = type === 'rsa' ? 3072 : 256;
  const { public: line } = ssh2.utils.generateKeyPairSync(type as 'rsa', { bits });
  expect(parsePublicKey(line)).toHaveProperty('key');
});

test('short RSA keys are refused with their length', () => {
  expect(parsePublicKey(rsaLine(1024))).toEqual({
    problem: expect.stringContaining('has 1024 bits'),
  });
  expect(parsePublicKey(rsaLine(2048))).toHaveProperty('key');
});

test('a private key is recognised, and not echoed', () => {
  const { privateKey } = aKeyPair();
  const parsed = parsePublicKey(privateKey);
  expect(parsed).toEqual({ problem: expect.stringContaining('is a private key') });
  expect(JSON.stringify(parsed)).not.toContain(privateKey.split('\n')[2]);
});

test.each([
  ['nothing', ''],
  ['another type', 'ssh-dss AAAAB3NzaC1kc3MAAACB'],
  ['options before it', `no-pty ${KNOWN.line}`],
  ['cut off', KNOWN.line.slice(0, 60)],
  ['another type inside', KNOWN.line.replace('ssh-ed25519', 'ssh-rsa')],
  ['more behind it', `${KNOWN.line.split(' ').slice(0, 2).join(' ')}AAAA`],
  ['not base64', 'ssh-ed25519 !!!!'],
])('%s is refused', (_name, line) => {
  expect(parsePublicKey(line)).toHaveProperty('problem');
});

test('the lines of a file are read one by one, and a wrong one is named', () => {
  const [one, other] = [aKeyPair().publicKey, aKeyPair().publicKey];
  const keysOf = (text: string) => {
    const parsed = parsePublicKeys(text);
    return 'keys' in parsed ? parsed.keys.map(({ key, comment }) => [key, comment]) : parsed;
  };
  expect(keysOf(`# two\n\n${one} a\r\n  ${other} b c\n${one} again`)).toEqual([
    [one, 'a'],
    [other, 'b c'],
  ]);
  expect(keysOf('# none\n\n')).toEqual({ problem: 'holds no key' });
  expect(keysOf(`${one}\nssh-rsa nonsense`)).toEqual({
    problem: expect.stringMatching(/^in line 2 is damaged/),
  });
  expect(keysOf(`no-pty ${one}`)).toEqual({
    problem: expect.stringContaining('begins with options'),
  });
  expect(keysOf('---- BEGIN SSH2 PUBLIC KEY ----\nAAAA')).toEqual({
    problem: expect.stringContaining('ssh-keygen -i'),
  });
});

test('one key may not have a second line, which would become its comment', () => {
  const [one, other] = [aKeyPair().publicKey, aKeyPair().publicKey];
  expect(parsePublicKey(`${one} a\n${other} b`)).toEqual({
    problem: expect.stringContaining('several lines'),
  });
});
