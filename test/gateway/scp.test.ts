import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ClientChannel } from 'ssh2';
import { describe, expect } from 'vitest';
import { runScp } from '../support/scp-client.ts';
import { sharedGatewayTest } from './gateway-test.ts';
import { BUCKET } from './open-gateway.ts';

const MIB = 1024 * 1024;

const test = sharedGatewayTest
  .extend('scp', { scope: 'file' }, ({ gateway }) => {
    const { server, credentials } = gateway;
    const { username, privateKeyPath } = credentials;
    const to = { host: server.host, port: server.port, username, privateKeyPath };
    return (...words: string[]) => runScp(to, words);
  })
  .extend('say', { scope: 'file' }, ({ gateway }) => {
    /** Runs a command, writes all the words to it at once and hangs up. */
    return async (command: string, ...words: (string | Buffer)[]) => {
      await using partner = await gateway.connect();
      const { client, ask } = partner;
      const channel = await ask<ClientChannel>((done) => client.exec(command, done));
      const exited = once(channel, 'exit');
      channel.end(Buffer.concat(words.map((word) => Buffer.from(word))));
      const [said, [code]] = await Promise.all([buffer(channel), exited]);
      return { code, said: said.toString().replaceAll('\0', '.') };
    };
  });

async function localTree(directory: string, name: string): Promise<string> {
  const root = join(directory, name);
  await mkdir(join(root, 'sub dir', 'empty'), { recursive: true });
  await writeFile(join(root, 'ä file'), 'A');
  await writeFile(join(root, 'sub dir', 'b'), randomBytes(6 * MIB));
  return root;
}

describe.each([
  ['the old protocol', ['-O']],
  ['SFTP', []],
])('scp over %s', (protocol, flags) => {
  const key = (name: string) => `${protocol}/${name}`;
  /** Escaped for the remote shell, which the old protocol assumes and SFTP does not. */
  const remote = (name: string) => {
    const path = key(name);
    return `:${flags.length > 0 ? path.replaceAll(/[^\w/.-]/g, String.raw`\$&`) : path}`;
  };

  test.for([0, 1, 5 * MIB, 11 * MIB + 1])(
    'copies a file of %i bytes there and back',
    async (sizeBytes, { gateway, scp }) => {
      const [path, bytes] = await gateway.localFile('one', sizeBytes);
      const name = `size-${sizeBytes}`;
      expect(await scp(...flags, path, remote(name))).toMatchObject({ code: 0, stderr: '' });
      expect((await gateway.object(key(name))).equals(bytes)).toBe(true);
      expect(await scp(...flags, remote(name), `${path}.back`)).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect((await readFile(`${path}.back`)).equals(bytes)).toBe(true);
    },
  );

  test.for(['two words', 'Übersicht ☃.csv', '1+1=2%20#&.txt', '-dash', 'a;b|c$(d)'])(
    'keeps the name %j',
    async (name, { gateway, scp }) => {
      const [path, bytes] = await gateway.localFile(name, 10);
      await gateway.put(key('names/.keep'), '');
      const there = await scp(...flags, '--', path, remote('names'));
      expect(there).toMatchObject({ code: 0, stderr: '' });
      expect(await gateway.object(key(`names/${name}`))).toEqual(bytes);
      const back = await scp(...flags, remote(`names/${name}`), `${path}.back`);
      expect(back).toMatchObject({ code: 0, stderr: '' });
      expect(await readFile(`${path}.back`)).toEqual(bytes);
    },
  );

  test('copies a tree there and back, with its times if requested', async ({ gateway, scp }) => {
    const tree = await localTree(gateway.directory, `tree ${flags.length}`);
    await utimes(join(tree, 'ä file'), 1_000_000_000, 1_000_000_000);
    const there = await scp(...flags, '-rp', tree, remote('copied'));
    expect(there).toMatchObject({ code: 0, stderr: '' });
    const keys = (await gateway.keys()).filter((each) => each.startsWith(key('copied/')));
    expect(keys).toEqual([
      key('copied/'),
      key('copied/sub dir/'),
      key('copied/sub dir/b'),
      key('copied/sub dir/empty/'),
      key('copied/ä file'),
    ]);
    const back = join(gateway.directory, `back ${flags.length}`);
    expect(await scp(...flags, '-rp', remote('copied'), back)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await readdir(back, { recursive: true })).toHaveLength(4);
    expect(await readFile(join(back, 'ä file'), 'utf8')).toBe('A');
    // SFTP clients take the times of a tree from listings, and S3's listings have no metadata.
    const { mtimeMs } = await stat(join(back, 'ä file'));
    expect(mtimeMs === 1_000_000_000_000).toBe(flags.length > 0);
    const original = await readFile(join(tree, 'sub dir', 'b'));
    expect((await readFile(join(back, 'sub dir', 'b'))).equals(original)).toBe(true);
  });

  test('copies several files into a folder, and not into a file', async ({ gateway, scp }) => {
    const [first] = await gateway.localFile('first', 10);
    const [second] = await gateway.localFile('second', 10);
    await gateway.put(key('into/.keep'), '');
    expect(await scp(...flags, first, second, remote('into'))).toMatchObject({ code: 0 });
    expect(await gateway.keys()).toEqual(
      expect.arrayContaining([key('into/first'), key('into/second')]),
    );
    const { code } = await scp(...flags, first, second, remote('into/first'));
    expect(code).not.toBe(0);
  });

  test('copies the matches of a wildcard, and fails when there are none', async ({
    gateway,
    scp,
  }) => {
    for (const name of ['x1.csv', 'x2.csv', 'y.txt']) await gateway.put(key(`wild/${name}`), name);
    const into = join(gateway.directory, `wild ${flags.length}`);
    await mkdir(into);
    const pattern = `:${key('wild').replaceAll(' ', String.raw`\ `)}/x*.csv`;
    expect(await scp(...flags, pattern, into)).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(into)).toEqual(['x1.csv', 'x2.csv']);
    const nothing = await scp(...flags, `:${key('wild').replaceAll(' ', String.raw`\ `)}/z*`, into);
    expect(nothing.code).toBe(1);
  });

  test('fails for a missing file, and for a folder without -r', async ({ gateway, scp }) => {
    const missing = await scp(...flags, remote('missing'), gateway.directory);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no such file|not found/i),
    });
    await gateway.put(key('a folder/file'), 'x');
    const folder = await scp(...flags, remote('a folder'), gateway.directory);
    expect(folder.code).toBe(1);
  });
});

test('uploader and checksum are stored as with SFTP', async ({ gateway, scp }) => {
  const [path] = await gateway.localFile('metadata', 10);
  await scp('-O', path, ':metadata');
  const head = await gateway.s3.send(
    new HeadObjectCommand({ Bucket: BUCKET, Key: 'metadata', ChecksumMode: 'ENABLED' }),
  );
  expect(head.Metadata).toMatchObject({ 'user-agent-id': 'demo@s-local' });
  expect(head.ChecksumCRC32).toBeDefined();
});

test('a leading ~/ is the home', async ({ gateway, scp }) => {
  const [path, bytes] = await gateway.localFile('tilde', 10);
  expect(await scp('-O', path, ':~/at-home.csv')).toMatchObject({ code: 0, stderr: '' });
  expect(await gateway.object('at-home.csv')).toEqual(bytes);
  expect(await scp('-O', ':~/at-home.csv', `${path}.back`)).toMatchObject({ code: 0 });
  expect(await readFile(`${path}.back`)).toEqual(bytes);
});

test('a file that could not be stored is refused before its bytes are sent', async ({
  gateway,
  say,
}) => {
  await gateway.put('a-file', 'x');
  const { code, said } = await say('scp -t a-file/child', 'C0644 3 child\n');
  expect({ code, said }).toEqual({
    code: 1,
    said: expect.stringContaining('/a-file is a file, not a folder'),
  });
});

describe('a client that violates the protocol', () => {
  test.for<[string | Buffer, string]>([
    ['C0644 3 ..\n', 'unexpected file name'],
    ['C0644 3 .\n', 'unexpected file name'],
    ['C0644 3 \n', 'unexpected file name'],
    ['C0644 3 ../../escaped\n', 'unexpected file name'],
    ['C0644 3 /absolute\n', 'unexpected file name'],
    ['C0644 3 sub/file\n', 'unexpected file name'],
    ['C0644 3 a\u0000b\n', 'unexpected file name'],
    ['C0644 3 a\u001b[2J\n', 'unexpected file name'],
    ['D0755 0 ..\n', 'unexpected file name'],
    [Buffer.from('C0644 3 \xff\xfe\n', 'latin1'), 'not UTF-8'],
    ['C0644 -3 negative\n', 'unexpected record'],
    ['C0644 0x10 hex\n', 'unexpected record'],
    ['C0644 99999999999999999999 huge\n', 'unexpected record'],
    ['C0644 9999999999999999 huge\n', 'beyond what can be stored'],
    ['C9999 3 mode\n', 'unexpected record'],
    ['T1 0 1\n', 'unexpected record'],
    ['X\n', 'unexpected record'],
    ['E\n', 'was not opened'],
  ])(
    'with %j is disconnected, and nothing is stored',
    async ([record, words], { gateway, say }) => {
      const before = await gateway.keys();
      const { code, said } = await say('scp -r -t hostile', record, 'abc\0');
      expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(words) });
      const made = (await gateway.keys()).filter((key) => !before.includes(key));
      expect(made.filter((key) => !key.endsWith('/'))).toEqual([]);
    },
  );

  test('by ending within a folder gets an error', async ({ say }) => {
    const { code, said } = await say('scp -r -t hostile', 'D0755 0 open\n');
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('within a folder') });
  });

  test('with a record that is too long is disconnected', async ({ say }) => {
    const { code, said } = await say('scp -t hostile', `C0644 3 ${'x'.repeat(10_000)}\n`);
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringContaining('record is too long'),
    });
  });

  test('by ending within a file leaves neither object nor parts', async ({ gateway, say }) => {
    const { code } = await say(
      'scp -t cut-off',
      'C0644 12000000 cut-off\n',
      Buffer.alloc(11 * MIB),
    );
    expect(code).toBe(1);
    await gateway.logged('file closed', { key: 'cut-off', result: 'abandoned' });
    expect(await gateway.keys()).not.toContain('cut-off');
    expect(await gateway.unfinishedUploads()).toEqual([]);
  });

  test('with an error after a file has only the next file stored', async ({ gateway, say }) => {
    const { code, said } = await say(
      'scp -t -d names',
      'C0644 3 spoilt\n',
      'abc',
      '\u0001could not be read\n',
      'C0644 3 whole\n',
      'xyz\0',
    );
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('is not a folder') });
    await gateway.put('spoilt/.keep', '');
    const second = await say(
      'scp -t -d spoilt',
      'C0644 3 spoilt\n',
      'abc',
      '\u0001could not be read\n',
      'C0644 3 whole\n',
      'xyz\0',
    );
    expect(second.said).toContain('could not be read');
    expect(await gateway.keys()).not.toContain('spoilt/spoilt');
    expect(await gateway.object('spoilt/whole')).toEqual(Buffer.from('xyz'));
  });

  test('with any other command is refused, even if it contains scp', async ({ gateway }) => {
    for (const command of ['scp', 'scp -t a; id', 'scpx -t a', 'scp -f -t a', 'id; scp -t a']) {
      await using partner = await gateway.connect();
      const channel = await partner.ask<ClientChannel>((done) =>
        partner.client.exec(command, done),
      );
      channel.end();
      const [stderr] = await Promise.all([buffer(channel.stderr), buffer(channel)]);
      expect({ command, stderr: stderr.toString() }).toEqual({
        command,
        stderr: expect.stringContaining('SFTP and SCP only'),
      });
    }
  });

  test('by not reading the file it requested blocks no other channel', async ({ gateway }) => {
    await gateway.put('unwanted', Buffer.alloc(9 * MIB));
    await using partner = await gateway.connect();
    const channel = await partner.ask<ClientChannel>((done) =>
      partner.client.exec('scp -f unwanted', done),
    );
    channel.write(Buffer.alloc(10));
    await gateway.logged('file opened', { key: 'unwanted' });
    const { ask, sftp } = partner;
    expect(await ask<string>((done) => sftp.realpath('.', done))).toBe('/');
    channel.close();
    await gateway.logged('file closed', { key: 'unwanted', result: 'partial' });
  });
});
