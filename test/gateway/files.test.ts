import { HeadObjectCommand } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { findObject } from '../../gateway/storage/objects.ts';
import { copyInParts } from '../../gateway/transfers/copy-file.ts';
import { crc32Base64 } from '../../gateway/storage/crc32.ts';
import { quoted } from '../support/sftp-client.ts';
import { sharedGatewayTest as test } from './gateway-test.ts';
import { BUCKET } from './open-gateway.ts';

const MIB = 1024 * 1024;

describe('a file', () => {
  test.for([0, 1, 5 * MIB, 5 * MIB + 1, 20 * MIB])(
    'of %i bytes is stored and downloaded bit for bit',
    async (sizeBytes, { gateway }) => {
      const key = `size-${sizeBytes}`;
      const [path, bytes] = await gateway.localFile(key, sizeBytes);
      const run = await gateway.run(`put ${path} ${key}`, `get ${key} ${path}.back`);
      expect(run).toMatchObject({ code: 0 });
      expect((await gateway.object(key)).equals(bytes)).toBe(true);
      expect((await readFile(`${path}.back`)).equals(bytes)).toBe(true);
    },
  );

  test.for(['two words', 'Übersicht ☃.csv', '1+1=2%20#&.txt', "it's", '~tilde', '-dash'])(
    'named %j keeps its name',
    async (name, { gateway }) => {
      const [path, bytes] = await gateway.localFile('named', 10);
      const remote = quoted(`names/${name}`);
      const run = await gateway.run(
        'mkdir names',
        `put ${path} ${remote}`,
        `get ${remote} ${path}.back`,
        'ls -1 names',
        `rm ${remote}`,
        'rmdir names',
      );
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).toContain(`names/${name}`);
      expect((await readFile(`${path}.back`)).equals(bytes)).toBe(true);
    },
  );

  test('carries the uploader as AWS Transfer Family writes it', async ({ gateway }) => {
    const [path] = await gateway.localFile('metadata', 10);
    await gateway.run(`put ${path} metadata`);
    const head = await gateway.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'metadata' }));
    expect(head).toMatchObject({
      ContentType: 'application/octet-stream',
      Metadata: { 'user-agent': 'AWSTransfer', 'user-agent-id': 'demo@s-local' },
    });
  });

  test('is replaced by an upload of the same name', async ({ gateway }) => {
    const [path, bytes] = await gateway.localFile('replaced', 100);
    await gateway.put('replaced', 'old');
    expect(await gateway.run(`put ${path} replaced`)).toMatchObject({ code: 0 });
    expect(await gateway.object('replaced')).toEqual(bytes);
  });

  test('may be uploaded with its time and mode, and keeps the time', async ({ gateway }) => {
    const [path] = await gateway.localFile('dated', 10);
    await utimes(path, 1_000_000_000, 1_000_000_000);
    const run = await gateway.run(
      `put -p ${path} dated`,
      'chmod 600 dated',
      'chown 5 dated',
      `get -p dated ${path}.back`,
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(`${path}.back`)).mtimeMs).toBe(1_000_000_000_000);
  });

  test('needs no existing folder', async ({ gateway, partner }) => {
    await partner.ask((done) => partner.sftp.writeFile('deep/er/file', 'x', done));
    expect(await gateway.object('deep/er/file')).toEqual(Buffer.from('x'));
    const run = await gateway.run('ls -la deep');
    expect(run.stdout).toMatch(/^drwx.* er$/m);
  });

  test('can be resumed as a download', async ({ gateway }) => {
    const [path, bytes] = await gateway.localFile('resumed', 3 * MIB);
    await writeFile(`${path}.back`, bytes.subarray(0, MIB + 7));
    const run = await gateway.run(`put ${path} resumed`, `reget resumed ${path}.back`);
    expect(run).toMatchObject({ code: 0 });
    expect((await readFile(`${path}.back`)).equals(bytes)).toBe(true);
  });

  test.for([0, 1, 5 * MIB - 1, 5 * MIB, 12 * MIB + 3])(
    'of which %i bytes are stored is continued at its end and verified as a whole',
    async (thereBytes, { gateway }) => {
      const key = `continued-${thereBytes}`;
      const [path, bytes] = await gateway.localFile(key, 14 * MIB + 11);
      const [part] = await gateway.localFile(`${key}.begun`, bytes.subarray(0, thereBytes));
      expect(await gateway.run(`put ${part} ${key}`, `reput ${path} ${key}`)).toMatchObject({
        code: 0,
      });
      expect((await gateway.object(key)).equals(bytes)).toBe(true);
      const head = await gateway.s3.send(
        new HeadObjectCommand({ Bucket: BUCKET, Key: key, ChecksumMode: 'ENABLED' }),
      );
      expect(head).toMatchObject({
        ChecksumType: 'FULL_OBJECT',
        ChecksumCRC32: crc32Base64(crc32(bytes)),
      });
    },
  );

  test('that does not exist cannot be read, removed or renamed', async ({ gateway }) => {
    for (const command of ['get missing', 'rm missing', 'rename missing other', 'ls missing']) {
      const { code, stderr } = await gateway.run(command);
      expect({ command, code, stderr }).toEqual({
        command,
        code: 1,
        stderr: expect.stringMatching(/no such file|not found/i),
      });
    }
  });

  test('with an invalid name is refused with a message, and the session continues', async ({
    gateway,
    partner,
  }) => {
    const write = (name: string) => partner.ask((done) => partner.sftp.writeFile(name, 'x', done));
    await expect(write('a'.repeat(1025))).rejects.toThrow('longer than the 1024 bytes');
    await expect(write('a\nb')).rejects.toThrow('control characters');
    await write('after all');
    expect(await gateway.keys()).toContain('after all');
  });

  test('uploaded under a temporary name can be renamed, also over an existing one', async ({
    gateway,
  }) => {
    const [path, bytes] = await gateway.localFile('renamed', 100);
    await gateway.put('final ü', 'older');
    const run = await gateway.run(`put ${path} "final ü.part"`, 'rename "final ü.part" "final ü"');
    expect(run).toMatchObject({ code: 0 });
    expect(await gateway.object('final ü')).toEqual(bytes);
    expect(await gateway.keys()).not.toContain('final ü.part');
  });

  test('is not replaced by the plain rename of SFTP version 3', async ({ gateway, partner }) => {
    await gateway.put('rename-from', 'new');
    await gateway.put('rename-to', 'old');
    const rename = partner.ask((done) => partner.sftp.rename('rename-from', 'rename-to', done));
    await expect(rename).rejects.toThrow('target exists');
    expect(await gateway.object('rename-to')).toEqual(Buffer.from('old'));
    await partner.ask((done) => partner.sftp.rename('rename-from', 'rename-new', done));
    expect(await gateway.object('rename-new')).toEqual(Buffer.from('new'));
  });
});

test('a file beyond the 5 GiB of one copy is copied in parts, with its metadata', async ({
  gateway,
}) => {
  const [path, bytes] = await gateway.localFile('parts', 11 * MIB);
  await gateway.run(`put ${path} parts`);
  const file = await findObject(gateway.s3, { bucket: BUCKET, key: 'parts' });
  assert(file !== undefined);
  const to = { bucket: BUCKET, key: 'copy ü' };
  await copyInParts(gateway.s3, file, to, undefined, 10 * MIB);
  expect((await gateway.object('copy ü')).equals(bytes)).toBe(true);
  const head = await gateway.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'copy ü' }));
  expect(head.Metadata).toMatchObject({ 'user-agent-id': 'demo@s-local' });
  expect(head.ContentType).toBe('application/octet-stream');
});

describe('opening a file', () => {
  test('exclusively is refused when it exists', async ({ gateway, partner }) => {
    await gateway.put('exists', 'x');
    const open = partner.ask((done) => partner.sftp.open('exists', 'wx', done));
    await expect(open).rejects.toThrow('exists already');
  });

  test('without truncating it does not change it in the middle', async ({ gateway, partner }) => {
    const { sftp, ask } = partner;
    await gateway.put('to-continue', 'begun');
    const write = async (offset: number) => {
      const handle = await ask<Buffer>((done) => sftp.open('to-continue', 'r+', done));
      try {
        await ask((done) => sftp.write(handle, Buffer.from(' and done'), 0, 9, offset, done));
      } finally {
        await ask((done) => sftp.close(handle, done)).catch(() => {});
      }
    };
    for (const offset of [3, 6]) {
      await expect(write(offset)).rejects.toThrow('cannot be changed in place');
      expect(await gateway.object('to-continue')).toEqual(Buffer.from('begun'));
    }
    await write(5);
    expect(await gateway.object('to-continue')).toEqual(Buffer.from('begun and done'));
  });

  test('without truncating it replaces it, unless the end of the older one would remain', async ({
    gateway,
    partner,
  }) => {
    const { sftp, ask } = partner;
    const writeOver = async (text: string, ...sizes: number[]) => {
      const handle = await ask<Buffer>((done) => sftp.open('over', 'r+', done));
      await ask((done) => sftp.write(handle, Buffer.from(text), 0, text.length, 0, done));
      for (const size of sizes) await ask((done) => sftp.fsetstat(handle, { size }, done));
      await ask((done) => sftp.close(handle, done));
    };
    await gateway.put('over', 'older');
    await expect(writeOver('new')).rejects.toThrow('keep the end of an older one');
    await expect(writeOver('new', 4)).rejects.toThrow('size of a file cannot be changed');
    expect(await gateway.object('over')).toEqual(Buffer.from('older'));
    await writeOver('new', 3);
    expect(await gateway.object('over')).toEqual(Buffer.from('new'));
    await writeOver('longer than that');
    expect(await gateway.object('over')).toEqual(Buffer.from('longer than that'));
  });

  test('for continuing, without a write, creates no new version', async ({ gateway, partner }) => {
    const { sftp, ask } = partner;
    await gateway.put('untouched', 'x');
    const before = await gateway.s3.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'untouched' }),
    );
    const handle = await ask<Buffer>((done) => sftp.open('untouched', 'a', done));
    await ask((done) => sftp.close(handle, done));
    const after = await gateway.s3.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'untouched' }),
    );
    expect(after.VersionId).toBe(before.VersionId);
  });

  test('exclusively works when it does not exist', async ({ gateway, partner }) => {
    const { sftp, ask } = partner;
    const handle = await ask<Buffer>((done) => sftp.open('exclusive', 'wx', done));
    await ask((done) => sftp.close(handle, done));
    expect(await gateway.object('exclusive')).toHaveLength(0);
  });

  test('for writing and reading opens it for writing, when it starts empty', async ({
    gateway,
    partner,
  }) => {
    const { sftp, ask } = partner;
    const handle = await ask<Buffer>((done) => sftp.open('both', 'w+', done));
    await ask((done) => sftp.write(handle, Buffer.from('x'), 0, 1, 0, done));
    const read = ask((done) => sftp.read(handle, Buffer.alloc(1), 0, 1, 0, done));
    await expect(read).rejects.toThrow('not open for reading');
    await ask((done) => sftp.close(handle, done));
    expect(await gateway.object('both')).toEqual(Buffer.from('x'));
  });

  test('under the name of a folder is refused', async ({ gateway, partner }) => {
    await gateway.put('folder-here/file', 'x');
    const write = partner.ask((done) => partner.sftp.writeFile('folder-here', 'y', done));
    await expect(write).rejects.toThrow('is a folder');
    expect(await gateway.keys()).not.toContain('folder-here');
  });
});

describe('folders', () => {
  test('are uploaded and downloaded as a tree', async ({ gateway }) => {
    const tree = join(gateway.directory, 'tree');
    await mkdir(join(tree, 'sub dir', 'empty'), { recursive: true });
    await writeFile(join(tree, 'a'), 'A');
    await writeFile(join(tree, 'sub dir', 'b'), 'B');
    const back = join(gateway.directory, 'back');
    await mkdir(back);
    const run = await gateway.run(`put -r ${tree} .`, `get -r tree ${back}`);
    expect(run).toMatchObject({ code: 0 });
    const keys = (await gateway.keys()).filter((key) => key.startsWith('tree/'));
    expect(keys).toEqual([
      'tree/',
      'tree/a',
      'tree/sub dir/',
      'tree/sub dir/b',
      'tree/sub dir/empty/',
    ]);
    expect(await readFile(join(back, 'tree', 'sub dir', 'b'), 'utf8')).toBe('B');
    expect((await stat(join(back, 'tree', 'sub dir', 'empty'))).isDirectory()).toBe(true);
  });

  test('can be created once, and removed or renamed while empty', async ({ gateway }) => {
    const { run } = gateway;
    expect(await run('mkdir made')).toMatchObject({ code: 0 });
    expect(await run('mkdir made')).toMatchObject({ code: 1 });
    expect(await run('rename made moved')).toMatchObject({ code: 0 });
    await gateway.put('moved/file', 'x');
    expect(await run('rmdir moved')).toMatchObject({ code: 1 });
    expect(await run('rm moved')).toMatchObject({ code: 1 });
    expect(await run('rm moved/file', 'rmdir moved', '-ls moved')).toMatchObject({ code: 0 });
    expect((await gateway.keys()).filter((key) => /^(made|moved|again)/.test(key))).toEqual([]);
  });

  test('list files with size and time, and the parent of the root is the root', async ({
    gateway,
  }) => {
    await gateway.put('listed/file', Buffer.alloc(12_345));
    const run = await gateway.run('cd listed', 'pwd', 'ls -la', 'cd ../../..', 'pwd');
    expect(run.stdout).toContain('Remote working directory: /listed');
    expect(run.stdout).toMatch(
      /^-rw-r--r--\s+1 demo\s+demo\s+12345 \w{3} [ \d]\d \d\d:\d\d file$/m,
    );
    expect(run.stdout).toMatch(/^drwx.* \.$/m);
    expect(run.stdout).toMatch(/Remote working directory: \/\n/);
  });

  test(
    'of 10,000 files are listed completely by each client',
    { timeout: 180_000 },
    async ({ gateway }) => {
      const names = Array.from(
        { length: 10_000 },
        (_, index) => `n${String(index).padStart(5, '0')}`,
      );
      const left = names.values();
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          for (const name of left) await gateway.put(`many/${name}`, '.');
        }),
      );
      await using partner = await gateway.connect();
      const entries = await partner.ask<Array<{ filename: string }>>((done) =>
        partner.sftp.readdir('many', done),
      );
      const listed = entries.map(({ filename }) => filename).filter((name) => !/^\.+$/.test(name));
      expect(listed.toSorted()).toEqual(names);
      const run = await gateway.run('ls -1 many');
      expect(run.stdout.match(/many\/n\d{5}/g)).toHaveLength(10_000);
    },
  );

  test('report free space, and refuse links', async ({ gateway }) => {
    const run = await gateway.run('df', '-symlink a b', '-ln a b');
    expect(run.stdout).toContain('1099511627776');
    expect(run.code).toBe(0);
  });
});
