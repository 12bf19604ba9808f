type Message = { readonly kind: 'encrypted' | 'unsupported'; readonly name: string };

/** Packets of OpenPGP by their tags. https://www.rfc-editor.org/rfc/rfc9580 section 5 */
const KEY_FOR_RECIPIENT = 1;
const KEY_BY_PASSPHRASE = 3;
const COMPRESSED = 8;
const ONE_PASS_SIGNATURE = 4;
const LITERAL = 11;
const ENCRYPTED_DATA = [9, 18, 20];

/** Of the object identifiers of CMS, without the last arc. https://www.rfc-editor.org/rfc/rfc5652 */
const CMS = Buffer.from('06092a864886f70d0107', 'hex');
const SIGNED = 2;
const ENVELOPED = 3;
const ENCRYPTED = 6;
const AUTHENTICATED_ENVELOPED = Buffer.from('060b2a864886f70d0109100117', 'hex');
/** The content of a signature that is beside what it signs: a type, and no bytes. */
const DETACHED = ['300b06092a864886f70d010701', '308006092a864886f70d0107010000'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

/**
 * Recognizes messages that cannot be read without a key, and signed ones that nothing here opens.
 * Every mark is as long as chance allows: a header behind two bytes is parsed.
 */
export function encryptedMessage(head: Buffer): Message | undefined {
  const text = head.toString('latin1', 0, 4096);
  if (/^(Salted__|U2FsdGVkX1)/.test(text)) return encrypted('openssl enc');
  if (/^(age-encryption\.org\/v1\n|-----BEGIN AGE ENCRYPTED FILE-----)/.test(text))
    return encrypted('age');
  const armoured =
    /^\s*-----BEGIN (PGP MESSAGE|CMS|PKCS7)-----\r?\n(?:[\w-]+: .*\r?\n)*\s*([\w+/=\s]+)/;
  const [, label, base64 = ''] = armoured.exec(text) ?? [];
  const bytes = label === undefined ? head : Buffer.from(base64, 'base64');
  return label === 'PGP MESSAGE' ? pgp(bytes) : (cms(bytes) ?? pgp(bytes));
}

function pgp(head: Buffer): Message | undefined {
  const first = readPacket(head, 0);
  if (first === undefined) return undefined;
  const { tag, at } = first;
  if (ENCRYPTED_DATA.includes(tag) && tag !== 9 && head[at] === (tag === 18 ? 1 : 1))
    return encrypted('OpenPGP');
  if (tag === KEY_FOR_RECIPIENT && [3, 6].includes(head[at] ?? 0) && isFollowed(head, first))
    return encrypted('OpenPGP');
  if (tag === KEY_BY_PASSPHRASE && [4, 5, 6].includes(head[at] ?? 0) && isFollowed(head, first))
    return encrypted('OpenPGP');
  const isSigned = tag === ONE_PASS_SIGNATURE && head[at] === 3 && first.bytes === 13;
  const isLiteral = tag === LITERAL && /^[btu1l]$/.test(head.toString('latin1', at, at + 1));
  const isPacked =
    tag === COMPRESSED && [1, 2, 3].includes(head[at] ?? 0) && isCompressed(head, at);
  if (isSigned || isPacked || (isLiteral && isNamed(head, at)))
    return { kind: 'unsupported', name: 'a signed or compressed OpenPGP message' };
  return undefined;
}

type Packet = { readonly tag: number; readonly at: number; readonly bytes: number | undefined };

/** Section 4.2. `bytes` is `undefined` where the length is given in parts, or up to the end. */
function readPacket(head: Buffer, start: number): Packet | undefined {
  const type = head[start] ?? 0;
  if (type < 0x80 || head.length < start + 6) return undefined;
  const next = head[start + 1] ?? 0;
  if ((type & 0x40) === 0) {
    const tag = (type >> 2) & 0xf;
    const kind = type & 3;
    if (kind === 3) return { tag, at: start + 1, bytes: undefined };
    const size = 2 ** kind;
    return { tag, at: start + 1 + size, bytes: head.readUIntBE(start + 1, size) };
  }
  const tag = type & 0x3f;
  if (next < 192) return { tag, at: start + 2, bytes: next };
  if (next < 224)
    return { tag, at: start + 3, bytes: (next - 192) * 256 + (head[start + 2] ?? 0) + 192 };
  if (next < 255) return { tag, at: start + 2, bytes: undefined };
  return { tag, at: start + 6, bytes: head.readUInt32BE(start + 2) };
}

/** Behind a key comes another one, or what it opens. */
function isFollowed(head: Buffer, { at, bytes }: Packet): boolean {
  if (bytes === undefined || bytes < 4 || bytes > 4096) return false;
  const next = readPacket(head, at + bytes);
  const tags = [KEY_FOR_RECIPIENT, KEY_BY_PASSPHRASE, ...ENCRYPTED_DATA];
  return next !== undefined && tags.includes(next.tag);
}

/** What is packed begins as deflate, zlib or bzip2 do: gpg writes a dynamic block. */
function isCompressed(head: Buffer, at: number): boolean {
  if (head[at] === 2) return (head[at + 1] ?? 0) % 16 === 8 && head.readUInt16BE(at + 1) % 31 === 0;
  if (head[at] === 3) return head.toString('latin1', at + 1, at + 4) === 'BZh';
  return head[0] === 0xa3;
}

/** The name and the date of a literal, a date in this century. */
function isNamed(head: Buffer, at: number): boolean {
  const name = head[at + 1] ?? 0;
  const date = head.length < at + name + 6 ? 1 : head.readUInt32BE(at + 2 + name);
  return head[0] === 0xac || head[0] === 0xcb ? date === 0 || date > 946_684_800 : false;
}

function cms(head: Buffer): Message | undefined {
  if (head[0] !== 0x30) return undefined;
  const front = head.subarray(0, 32);
  if (front.includes(AUTHENTICATED_ENVELOPED)) return encrypted('CMS');
  const found = front.indexOf(CMS);
  if (found < 0) return undefined;
  const type = front[found + CMS.length];
  if (type === ENVELOPED || type === ENCRYPTED) return encrypted('CMS');
  if (type !== SIGNED || DETACHED.some((mark) => head.subarray(0, 512).includes(mark)))
    return undefined;
  return { kind: 'unsupported', name: 'a signed CMS message with what it signs in it' };
}

function encrypted(by: string): Message {
  return { kind: 'encrypted', name: `a message encrypted with ${by}` };
}
