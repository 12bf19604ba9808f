import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { PacketFramer, ProtocolError } from '../../../../gateway/protocol/packet-framer.ts';
import { field } from './packets.ts';

describe('the framer', () => {
  test('returns the same packets however the bytes are split', () => {
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
