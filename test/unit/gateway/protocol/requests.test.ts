import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../../../gateway/protocol/packet-framer.ts';
import { parseRequest } from '../../../../gateway/protocol/requests.ts';
import { field, request } from './packets.ts';

describe('a request', () => {
  test('is parsed with its id and fields', () => {
    const rename = request(18, field('a'), field('b ü'));
    expect(parseRequest(rename)).toEqual({ name: 'rename', id: 7, from: 'a', to: 'b ü' });
  });

  test('of an OpenSSH extension is parsed, too', () => {
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
