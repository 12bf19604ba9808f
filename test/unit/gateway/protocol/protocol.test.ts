import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { PacketFramer, ProtocolError } from '../../../../gateway/protocol/packet-framer.ts';
import { encodeReply, OK } from '../../../../gateway/protocol/replies.ts';
import { parseRequest } from '../../../../gateway/protocol/requests.ts';

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function request(type: number, ...fields: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([type, 0, 0, 0, 7]), ...fields]);
}

describe('the framer', () => {
  test('gives the same packets however the bytes are cut', () => {
    const packets = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
    const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 17 }));
    fc.assert(
      fc.property(packets, cuts, (sent, sizes) => {
        const stream = Buffer.concat(sent.map((packet) => field(Buffer.from(packet))));
        const framer = new PacketFramer();
        const received: Buffer[] = [];
        for (let at = 0; at < stream.length;) {
          const size = sizes.next().value ?? 1;
          for (const packet of framer.push(stream.subarray(at, at + size))) {
            received.push(Buffer.from(packet));
          }
          at += size;
        }
        expect(received).toEqual(sent.map((packet) => Buffer.from(packet)));
      }),
    );
  });

  test.each([[0], [256 * 1024 + 1], [0xffff_ffff]])('refuses a packet of %i bytes', (length) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    expect(() => [...new PacketFramer().push(header)]).toThrow(ProtocolError);
  });
});

describe('a request', () => {
  test('is read with its id and fields', () => {
    const rename = request(18, field('a'), field('b ü'));
    expect(parseRequest(rename)).toEqual({ name: 'rename', id: 7, from: 'a', to: 'b ü' });
  });

  test('of an OpenSSH extension is read too', () => {
    const rename = request(200, field('posix-rename@openssh.com'), field('a'), field('b'));
    expect(parseRequest(rename)).toEqual({ name: 'posixRename', id: 7, from: 'a', to: 'b' });
  });

  test.each([
    ['an unknown type', request(99), 8],
    ['an unknown extension', request(200, field('hardlink@openssh.com')), 8],
    ['a symbolic link', request(20, field('a'), field('b')), 8],
    ['missing fields', request(18, field('a')), 5],
    ['a name that is not UTF-8', request(17, field(Buffer.from([0xe4]))), 4],
    ['an offset beyond 2^53', request(5, field('1'), Buffer.alloc(12, 0xff)), 4],
  ])('with %s is refused, not dropped', (_what, packet, code) => {
    expect(parseRequest(packet)).toMatchObject({ name: 'refused', id: 7, code });
  });

  test('never throws anything but a protocol error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 60 }), (bytes) => {
        expect(parseRequest(Buffer.from(bytes))).toHaveProperty('name');
      }),
    );
    expect(() => parseRequest(Buffer.from([3, 0]))).toThrow(ProtocolError);
  });
});

test('a status reply has the shape of version 3', () => {
  const fields = [field('OK'), field('en')];
  expect(encodeReply(7, OK)).toEqual(field(request(101, Buffer.alloc(4), ...fields)));
});
