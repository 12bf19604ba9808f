import { describe, expect } from 'vitest';
import { FLAG, overSsh } from '../support/raw-sftp.ts';
import { sharedGatewayTest } from './gateway-test.ts';

const REPLACE = FLAG.write | FLAG.create | FLAG.truncate;

const test = sharedGatewayTest.extend(
  'session',
  async ({ partner }) => (await overSsh(partner)).sftp,
);

describe('what can be known when a file is opened is refused then', () => {
  test.for<[string, number, string]>([
    ['folder', 4, 'folder is a folder'],
    ['conf/child', 2, '/conf is a file, not a folder'],
    ['conf/deep/er/child', 2, '/conf is a file, not a folder'],
    ['new/', 4, 'new/ is a folder'],
    [`in/${'n'.repeat(256)}`, 4, 'a path segment is 256 bytes long'],
    [`${'n'.repeat(256)}/file`, 4, 'a path segment is 256 bytes long'],
  ])('%s', async ([path, code, words], { gateway, session }) => {
    await gateway.put('folder/file', 'x');
    await gateway.put('conf', 'x');
    const refusal = { code, message: expect.stringContaining(words) };
    expect(await session.open(path, REPLACE)).toMatchObject(refusal);
    expect(await session.open(path, FLAG.write | FLAG.create)).toMatchObject(refusal);
  });

  test('and so are folders and new names', async ({ gateway, session }) => {
    await gateway.put('conf', 'x');
    await gateway.put('source', 'x');
    const long = 'n'.repeat(256);
    for (const path of ['conf/child', long]) {
      expect((await session.mkdir(path)).code).not.toBe(0);
      expect((await session.posixRename('source', path)).code).not.toBe(0);
    }
    expect((await session.mkdir('conf/')).code).toBe(4);
    expect((await gateway.object('source')).toString()).toBe('x');
  });
});

test('a path that ends in a slash is never a file', async ({ gateway, session }) => {
  await gateway.put('a-file', 'x');
  for (const answer of [
    await session.stat('a-file/'),
    await session.stat('a-file/.'),
    await session.remove('a-file/'),
    await session.rename('a-file/', 'elsewhere'),
    await session.rename('a-file', 'elsewhere/'),
    await session.fetch('a-file/'),
    await session.setSize('a-file/', 1),
  ]) {
    expect(answer).toMatchObject({ code: 2 });
  }
  expect((await gateway.object('a-file')).toString()).toBe('x');
});

describe('a folder', () => {
  test('whose last file was removed is there until it is removed, too', async ({
    gateway,
    session,
  }) => {
    await gateway.put('emptied/sub/file', 'x');
    expect(await session.rmdir('emptied')).toMatchObject({ code: 4 });
    await session.remove('emptied/sub/file');
    expect(await session.list('emptied')).toMatchObject({ names: ['sub'] });
    expect(await session.stat('emptied/sub')).toMatchObject({ isFolder: true });
    expect(await session.rmdir('emptied')).toMatchObject({ code: 4 });
    expect(await session.rmdir('emptied/sub')).toMatchObject({ code: 0 });
    expect(await session.rmdir('emptied')).toMatchObject({ code: 0 });
    expect(await session.rmdir('emptied')).toMatchObject({ code: 2 });
  });

  test('is renamed with everything in it', async ({ gateway, session }) => {
    for (const key of ['tree/', 'tree/a', 'tree/sub/b']) await gateway.put(key, key);
    expect(await session.rename('tree', 'moved')).toMatchObject({ code: 0 });
    const keys = (await gateway.keys()).filter((key) => /^(tree|moved)/.test(key));
    expect(keys).toEqual(['moved/', 'moved/a', 'moved/sub/b']);
    expect((await gateway.object('moved/sub/b')).toString()).toBe('tree/sub/b');
    expect(await session.stat('tree')).toMatchObject({ code: 2 });
  });

  test('is renamed neither into itself, nor over another, nor with files in hand', async ({
    gateway,
    session,
  }) => {
    for (const key of ['self/a', 'other/b']) await gateway.put(key, key);
    expect(await session.posixRename('self', 'self/deeper')).toMatchObject({
      message: expect.stringContaining('into itself'),
    });
    expect(await session.posixRename('self', 'other')).toMatchObject({
      message: 'target exists: other',
    });
    await session.open('self/new', REPLACE);
    expect(await session.posixRename('self', 'elsewhere')).toMatchObject({
      message: expect.stringContaining('being uploaded'),
    });
    const keys = (await gateway.keys()).filter((key) => /^(self|other|elsewhere)/.test(key));
    expect(keys).toEqual(['other/b', 'self/a']);
  });

  test('of more than 1,000 files is not renamed, and the client is told why', async ({
    gateway,
    session,
  }) => {
    const left = Array.from({ length: 1_001 }, (_, index) => `many/${index}`).values();
    const put = async () => {
      for (const key of left) await gateway.put(key, 'x');
    };
    await Promise.all(Array.from({ length: 20 }, put));
    expect(await session.rename('many', 'few')).toMatchObject({
      code: 4,
      message: expect.stringContaining('more than 1000 files or 5 GiB'),
    });
    expect((await gateway.keys()).filter((key) => key.startsWith('few/'))).toEqual([]);
  });
});
