import { randomBytes } from 'node:crypto';
import { mail } from './other-containers.ts';
import { sample, type Sample } from './sample.ts';

/** OpenPGP: a session key for a recipient, and what it opens. As RFC 9580 lays it out. */
function openPgp(): Buffer {
  const key = Buffer.concat([Buffer.from([3]), randomBytes(8), Buffer.from([1]), randomBytes(258)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(key.length);
  const data = randomBytes(100);
  return Buffer.concat([
    Buffer.from([0x85]),
    length,
    key,
    Buffer.from([0xd2, data.length + 1, 1]),
    data,
  ]);
}

function armoured(label: string, bytes: Buffer): Buffer {
  const rows = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN ${label}-----\n\n${rows.join('\n')}\n-----END ${label}-----\n`);
}

/** The beginning of a CMS message of type 1.2.840.113549.1.7.`type`. */
function cms(type: number, content: string): Buffer {
  const body = Buffer.from(
    `06092a864886f70d0107${type.toString(16).padStart(2, '0')}${content}`,
    'hex',
  );
  const filled = Buffer.concat([body, randomBytes(400)]);
  const head = Buffer.from([0x30, 0x82, filled.length >> 8, filled.length & 0xff]);
  return Buffer.concat([head, filled]);
}

const DETACHED = 'a0820100308200fc020101310d300b0609608648016503040201300b06092a864886f70d010701';

export const MESSAGES: readonly Sample[] = [
  sample('message.gpg', 'an OpenPGP message', 'encrypted', openPgp),
  sample('message.asc', 'the same in letters', 'encrypted', () =>
    armoured('PGP MESSAGE', openPgp()),
  ),
  sample('secret.eml', 'the same attached to a mail', 'encrypted', () => mail(openPgp())),
  sample('signed.gpg', 'a signed OpenPGP message', 'unsupported-format', () =>
    Buffer.concat([
      Buffer.from([0xc4, 13, 3, 0, 8, 1]),
      randomBytes(8),
      Buffer.from([1]),
      randomBytes(99),
    ]),
  ),
  sample('clear.asc', 'a text with an OpenPGP signature', 'clean', () =>
    Buffer.from(
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n-----BEGIN PGP SIGNATURE-----\n',
    ),
  ),
  sample('smime.p7m', 'an enveloped CMS message', 'encrypted', () => cms(3, 'a0820100')),
  sample('smime.p7s', 'a CMS signature alone', 'clean', () => cms(2, DETACHED)),
  sample('openssl.enc', 'by openssl enc', 'encrypted', () =>
    Buffer.concat([Buffer.from('Salted__'), randomBytes(520)]),
  ),
  sample('openssl.b64', 'the same in letters', 'encrypted', () =>
    Buffer.from(Buffer.concat([Buffer.from('Salted__'), randomBytes(520)]).toString('base64')),
  ),
  sample('backup.age', 'by age', 'encrypted', () =>
    Buffer.concat([Buffer.from('age-encryption.org/v1\n-> X25519 '), randomBytes(200)]),
  ),
];
