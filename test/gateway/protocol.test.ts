import { once } from 'node:events';
import type { ClientChannel } from 'ssh2';
import { expect, vi } from 'vitest';
import { PacketFramer } from '../../gateway/protocol/packet-framer.ts';
import type { SftpConnection } from '../support/sftp-client.ts';
import { test } from './gateway-test.ts';

const INIT = packet(1, uint32(3));
const STATUS = 101;

test('every request is answered exactly once, valid or not, however many arrive together', async ({
  partner,
}) => {
  const channel = await rawChannel(partner);
  const kinds = [
    (id: number) => packet(17, uint32(id), text('missing')),
    (id: number) => packet(16, uint32(id), text('a/../b')),
    (id: number) => packet(99, uint32(id)),
    (id: number) => packet(4, uint32(id), text('no such handle')),
    (id: number) => packet(200, uint32(id), text('limits@openssh.com')),
    (id: number) => packet(20, uint32(id), text('link'), text('target')),
    (id: number) => packet(18, uint32(id), text('fields are missing')),
  ];
  const requests = Array.from({ length: 700 }, (_, id) => kinds[id % kinds.length]!(id));
  channel.end(Buffer.concat([INIT, ...requests]));
  const [version, ...replies] = await packetsOf(channel);
  expect(version?.toString('latin1')).toContain('posix-rename@openssh.com');
  const ids = replies.map((reply) => reply.readUInt32BE(1));
  expect(ids.toSorted((a, b) => a - b)).toEqual(requests.map((_, id) => id));
});

test.for<[string, Buffer]>([
  ['a packet of 4 GB', Buffer.concat([INIT, uint32(0xffff_ffff)])],
  ['an empty packet', Buffer.concat([INIT, uint32(0)])],
  ['a request without an id', Buffer.concat([INIT, packet(17)])],
  ['a request before INIT', packet(17, uint32(1), text('a'))],
  ['a second INIT', Buffer.concat([INIT, INIT])],
])('%s closes its channel, and no other', async ([, bytes], { gateway, partner }) => {
  const channel = await rawChannel(partner);
  const ended = once(channel, 'close');
  channel.resume().write(bytes);
  await ended;
  await gateway.logged('channel failed');
  const { ask, sftp } = partner;
  expect(await ask<string>((done) => sftp.realpath('..', done))).toBe('/');
});

test('a client that sends all writes and CLOSE without waiting is served in order', async ({
  gateway,
  partner,
}) => {
  const channel = await rawChannel(partner);
  const open = openRequest(1, 'eager', 0x1a);
  const write = (id: number, offset: number) =>
    packet(6, uint32(id), text('1'), uint32(0), uint32(offset), text('0123456789'));
  const writes = Array.from({ length: 50 }, (_, index) => write(index + 2, index * 10));
  const replies = packetsOf(channel);
  channel.write(Buffer.concat([INIT, open]));
  // The test knows the name of the handle; a real client has to read it first.
  await gateway.logged('file opened', { direction: 'upload' });
  channel.end(Buffer.concat([...writes, packet(4, uint32(99), text('1'))]));
  const codes = (await replies).filter((reply) => reply[0] === STATUS).map(statusCode);
  expect(codes).toEqual(Array.from({ length: 51 }, () => 0));
  expect((await gateway.object('eager')).toString()).toBe('0123456789'.repeat(50));
});

test('a client that does not read its replies blocks no other channel, and may hang up', async ({
  gateway,
  partner,
}) => {
  await gateway.put('large', Buffer.alloc(9 * 1024 * 1024));
  const channel = await rawChannel(partner);
  // One after the other: handles are numbered as the files are found.
  channel.write(Buffer.concat([INIT, openRequest(1, 'unstored', 0x1a)]));
  await gateway.logged('file opened', { direction: 'upload' });
  channel.write(openRequest(2, 'large', 0x01));
  await gateway.logged('file opened', { direction: 'download' });
  // More than the client's window and the server's buffers.
  channel.write(
    Buffer.concat(Array.from({ length: 80 }, (_, id) => readRequest(id, '2', id * 100_000))),
  );
  await vi.waitUntil(() => channel.readableLength >= channel.readableHighWaterMark);
  const { ask, sftp } = partner;
  expect(await ask<string>((done) => sftp.realpath('..', done))).toBe('/');
  channel.close();
  await gateway.logged('file closed', { result: 'abandoned' });
  expect(await gateway.keys()).toEqual(['large']);
});

/** The SFTP subsystem as a raw channel. */
function rawChannel({ client, ask }: SftpConnection): Promise<ClientChannel> {
  return ask<ClientChannel>((done) => client.subsys('sftp', done));
}

async function packetsOf(channel: ClientChannel): Promise<Buffer[]> {
  const framer = new PacketFramer();
  const packets: Buffer[] = [];
  for await (const chunk of channel) {
    for (const each of framer.push(Buffer.from(chunk))) packets.push(Buffer.from(each));
  }
  return packets;
}

function openRequest(id: number, name: string, flags: number): Buffer {
  return packet(3, uint32(id), text(name), uint32(flags), uint32(0));
}

function readRequest(id: number, handle: string, offset: number): Buffer {
  return packet(5, uint32(id), text(handle), uint32(0), uint32(offset), uint32(200_000));
}

function statusCode(reply: Buffer): number {
  return reply.readUInt32BE(5);
}

function packet(type: number, ...fields: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...fields]);
  return Buffer.concat([uint32(body.length), body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);
}
