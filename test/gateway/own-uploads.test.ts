import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { FLAG, overSsh } from '../support/raw-sftp.ts';
import { sharedGatewayTest } from './gateway-test.ts';

const MIB = 1024 * 1024;
const REPLACE = FLAG.write | FLAG.create | FLAG.truncate;

const test = sharedGatewayTest.extend(
  'session',
  async ({ partner }) => (await overSsh(partner)).sftp,
);

/** The handle of a file that must open. */
async function opened(answer: Promise<{ handle?: Buffer; message?: string }>): Promise<Buffer> {
  const { handle, message } = await answer;
  if (handle === undefined) throw new Error(message);
  return handle;
}

describe('a file that this session is uploading', () => {
  test('is there to stat, setstat and listings, as large as it is so far', async ({ session }) => {
    const handle = await opened(session.open('growing/file', REPLACE));
    expect(await session.stat('growing/file')).toMatchObject({ code: 0, sizeBytes: 0 });
    await session.write(handle, 0, Buffer.alloc(10));
    expect(await session.stat('growing/file')).toMatchObject({ code: 0, sizeBytes: 10 });
    expect(await session.fstat(handle)).toMatchObject({ sizeBytes: 10 });
    expect(await session.setSize('growing/file', 10)).toMatchObject({ code: 0 });
    expect(await session.list('growing')).toMatchObject({ names: ['file'] });
    expect(await session.stat('growing')).toMatchObject({ isFolder: true });
    expect(await session.rmdir('growing')).toMatchObject({ message: 'growing is not empty' });
    expect(await session.fetch('growing/file')).toMatchObject({
      message: expect.stringContaining('being uploaded by this session'),
    });
    await session.close(handle);
    expect(await session.fetch('growing/file')).toMatchObject({ data: Buffer.alloc(10) });
  });

  test('is nothing to other sessions before it is complete', async ({ gateway, session }) => {
    const handle = await opened(session.open('private', REPLACE));
    await using other = await gateway.connect();
    const { sftp } = await overSsh(other);
    expect(await sftp.stat('private')).toMatchObject({ code: 2 });
    await session.close(handle);
    expect(await sftp.stat('private')).toMatchObject({ code: 0 });
  });

  test.for([10, 12 * MIB])(
    'of %i bytes is renamed with its content, and an older file of its name is gone',
    async (sizeBytes, { gateway, session }) => {
      const bytes = randomBytes(sizeBytes);
      const [from, to] = [`out-${sizeBytes}.tmp`, `out-${sizeBytes}`];
      await gateway.put(from, 'left from an earlier run');
      await gateway.put(to, 'to be replaced');
      const handle = await opened(session.open(from, REPLACE));
      for (let at = 0; at < sizeBytes; at += 200_000) {
        await session.write(handle, at, bytes.subarray(at, at + 200_000));
      }
      expect(await session.posixRename(from, to)).toMatchObject({ code: 0 });
      expect(await session.stat(from)).toMatchObject({ code: 2 });
      expect(await session.stat(to)).toMatchObject({ sizeBytes });
      expect(await session.close(handle)).toMatchObject({ code: 0 });
      expect((await gateway.object(to)).equals(bytes)).toBe(true);
      expect(await gateway.keys()).not.toContain(from);
      expect(await gateway.unfinishedUploads()).toEqual([]);
    },
  );

  test('that continues a stored one takes what is stored along', async ({ gateway, session }) => {
    await gateway.put('log.1', 'first ');
    const handle = await opened(session.open('log.1', FLAG.write | FLAG.append));
    await session.write(handle, 0, Buffer.from('second '));
    await session.rename('log.1', 'log.2');
    await session.write(handle, 0, Buffer.from('third'));
    expect(await session.close(handle)).toMatchObject({ code: 0 });
    expect((await gateway.object('log.2')).toString()).toBe('first second third');
    expect(await gateway.keys()).not.toContain('log.1');
  });

  test('that is removed is not stored, and its handle stays valid', async ({
    gateway,
    session,
  }) => {
    await gateway.put('dropped', 'older');
    const handle = await opened(session.open('dropped', REPLACE));
    await session.write(handle, 0, Buffer.from('abc'));
    expect(await session.remove('dropped')).toMatchObject({ code: 0 });
    expect(await session.stat('dropped')).toMatchObject({ code: 2 });
    expect(await session.write(handle, 3, Buffer.from('def'))).toMatchObject({ code: 0 });
    expect(await session.close(handle)).toMatchObject({ code: 0 });
    expect(await gateway.keys()).not.toContain('dropped');
    await gateway.logged('file closed', { path: 'dropped', result: 'removed' });
  });

  test('is complete before a rename that was sent with its CLOSE', async ({ gateway, session }) => {
    const bytes = randomBytes(200_000);
    const handle = await opened(session.open('sent.part', REPLACE));
    const answers = await Promise.all([
      session.write(handle, 0, bytes),
      session.close(handle),
      session.posixRename('sent.part', 'sent'),
      session.stat('sent'),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect((await gateway.object('sent')).equals(bytes)).toBe(true);
    expect(await gateway.keys()).not.toContain('sent.part');
  });
});

describe('a file opened for appending', () => {
  test('gets every write at its end, whatever its offset', async ({ gateway, session }) => {
    await gateway.put('appended', 'a');
    const flags = FLAG.write | FLAG.create | FLAG.append;
    const handle = await opened(session.open('appended', flags));
    for (const piece of ['b', 'c']) await session.write(handle, 0, Buffer.from(piece));
    expect(await session.close(handle)).toMatchObject({ code: 0 });
    expect((await gateway.object('appended')).toString()).toBe('abc');
  });

  test('fails when another client replaces it, instead of undoing that', async ({
    gateway,
    session,
  }) => {
    await gateway.put('shared.log', 'a');
    const handle = await opened(session.open('shared.log', FLAG.write | FLAG.append));
    await session.write(handle, 0, Buffer.from('b'));
    await gateway.put('shared.log', 'of another');
    expect(await session.close(handle)).toMatchObject({
      code: 4,
      message: expect.stringContaining('replaced in the meantime'),
    });
    expect((await gateway.object('shared.log')).toString()).toBe('of another');
  });
});

describe('the size of a file', () => {
  test('may be set before the first write, and must be met', async ({ gateway, session }) => {
    const handle = await opened(session.open('reserved', REPLACE));
    expect(await session.setHandleSize(handle, 6)).toMatchObject({ code: 0 });
    await session.write(handle, 0, Buffer.from('abc'));
    await session.write(handle, 3, Buffer.from('def'));
    expect(await session.close(handle)).toMatchObject({ code: 0 });
    expect((await gateway.object('reserved')).toString()).toBe('abcdef');

    const short = await opened(session.open('unmet', REPLACE));
    await session.setHandleSize(short, 6);
    await session.write(short, 0, Buffer.from('abc'));
    expect(await session.close(short)).toMatchObject({
      code: 4,
      message: expect.stringContaining('set to 6 bytes'),
    });
    expect(await gateway.keys()).not.toContain('unmet');
  });

  test('may be set to what it is, and to nothing else once it is stored', async ({
    gateway,
    session,
  }) => {
    await gateway.put('sized', 'abc');
    expect(await session.setSize('sized', 3)).toMatchObject({ code: 0 });
    expect(await session.setSize('sized', 2)).toMatchObject({ code: 8 });
    expect(await session.setSize('not there', 0)).toMatchObject({ code: 2 });
  });
});

test('a READ is answered with up to 255 KiB', async ({ gateway, session }) => {
  const bytes = randomBytes(300_000);
  await gateway.put('wide', bytes);
  const handle = await opened(session.open('wide', FLAG.read));
  const { data } = await session.read(handle, 0, 300_000);
  expect(data?.equals(bytes.subarray(0, 255 * 1024))).toBe(true);
});
