import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SftpConnection } from '../support/sftp-client.ts';
import { test } from './gateway-test.ts';

const MIB = 1024 * 1024;

test('concurrent writes and reads of one client keep the bytes in order', async ({
  gateway,
  partner,
}) => {
  const bytes = randomBytes(13 * MIB + 5);
  const path = join(gateway.directory, 'fast');
  await writeFile(path, bytes);
  const { sftp, ask } = partner;
  await ask((done) => sftp.fastPut(path, 'fast', { concurrency: 64 }, done));
  expect((await gateway.object('fast')).equals(bytes)).toBe(true);
  await ask((done) => sftp.fastGet('fast', `${path}.back`, { concurrency: 64 }, done));
  expect((await readFile(`${path}.back`)).equals(bytes)).toBe(true);
});

/** Writes several files over one connection in turns of 256 KiB, and closes them. */
async function writeInTurns(partner: SftpConnection, names: readonly string[], bytes: Buffer) {
  const { sftp, ask } = partner;
  const handles = await Promise.all(
    names.map((name) => ask<Buffer>((done) => sftp.open(name, 'w', done))),
  );
  const endings = new Map<string, string>();
  for (let at = 0; at < bytes.length; at += MIB / 4) {
    const turn = names.map(async (name, index) => {
      if (endings.has(name)) return;
      const write = ask((done) => sftp.write(handles[index]!, bytes, at, MIB / 4, at, done));
      await write.catch((error: Error) => endings.set(name, error.message));
    });
    await Promise.all(turn);
  }
  const closes = names.map(async (name, index) => {
    const close = ask((done) => sftp.close(handles[index]!, done));
    await close.then(
      () => endings.set(name, 'stored'),
      () => {},
    );
  });
  await Promise.all(closes);
  return names.map((name) => endings.get(name) ?? '');
}

test('several files written in turns over one connection are all stored', async ({
  gateway,
  partner,
}) => {
  const names = ['a', 'b', 'c', 'd'];
  for (const bytes of [randomBytes(MIB / 2), randomBytes(8 * MIB)]) {
    expect(await writeInTurns(partner, names, bytes)).toEqual(names.map(() => 'stored'));
    for (const key of names) expect((await gateway.object(key)).equals(bytes)).toBe(true);
  }
  expect(await gateway.unfinishedUploads()).toEqual([]);
});

test('many files are read concurrently over one connection', async ({ gateway, partner }) => {
  const { sftp, ask } = partner;
  const bytes = randomBytes(2 * MIB);
  const names = Array.from({ length: 12 }, (_, index) => `read-${index}`);
  for (const name of names) await gateway.put(name, bytes);
  const handles = await Promise.all(
    names.map((name) => ask<Buffer>((done) => sftp.open(name, 'r', done))),
  );
  for (let at = 0; at < bytes.length; at += MIB / 4) {
    await Promise.all(
      handles.map(async (handle) => {
        const target = Buffer.alloc(MIB / 4);
        await ask((done) => sftp.read(handle, target, 0, target.length, at, done));
        expect(target.equals(bytes.subarray(at, at + target.length))).toBe(true);
      }),
    );
  }
});

test('four clients upload and download concurrently', async ({ gateway }) => {
  await Promise.all(
    [0, 1, 2, 3].map(async (index) => {
      const bytes = randomBytes(7 * MIB + index);
      const path = join(gateway.directory, `side-${index}`);
      await writeFile(path, bytes);
      const run = await gateway.run(`put ${path} side-${index}`, `get side-${index} ${path}.back`);
      expect(run.code).toBe(0);
      expect((await readFile(`${path}.back`)).equals(bytes)).toBe(true);
    }),
  );
});

test('any range of a file can be read, up to its end', async ({ gateway, partner }) => {
  const { sftp, ask } = partner;
  const bytes = randomBytes(9 * MIB);
  await gateway.put('jumps', bytes);
  const handle = await ask<Buffer>((done) => sftp.open('jumps', 'r', done));
  const target = Buffer.alloc(20_000);
  for (const offset of [0, 8 * MIB, 100, 30_000, 10_000, 5 * MIB, 9 * MIB - 20_000]) {
    await ask((done) => sftp.read(handle, target, 0, target.length, offset, done));
    expect(target.equals(bytes.subarray(offset, offset + target.length)), `${offset}`).toBe(true);
  }
  expect(await ask((done) => sftp.read(handle, target, 0, 10, 9 * MIB, done))).toBe(0);
});

test('a download during which the file is replaced never mixes the two versions', async ({
  gateway,
  partner,
}) => {
  const { sftp, ask } = partner;
  await gateway.put('overtaken', 'first');
  const handle = await ask<Buffer>((done) => sftp.open('overtaken', 'r', done));
  await gateway.put('overtaken', 'other');
  const target = Buffer.alloc(5);
  const outcome = await ask((done) => sftp.read(handle, target, 0, 5, 0, done)).then(
    () => target.toString(),
    (error: Error) => error.message,
  );
  // The bucket is versioned and still has the first one.
  expect(outcome).toBe('first');
});

test('a repeated write ends the upload, and nothing is stored', async ({ gateway, partner }) => {
  const { sftp, ask } = partner;
  const handle = await ask<Buffer>((done) => sftp.open('twice', 'w', done));
  const write = (offset: number) =>
    ask((done) => sftp.write(handle, Buffer.alloc(100), 0, 100, offset, done));
  await write(0);
  await expect(write(50)).rejects.toThrow('written before');
  await expect(write(100)).rejects.toThrow('written before');
  await expect(ask((done) => sftp.close(handle, done))).rejects.toThrow('written before');
  expect(await gateway.keys()).toEqual([]);
});

test('a connection lost during an upload leaves no object and no parts', async ({
  gateway,
  partner,
}) => {
  const { sftp, ask } = partner;
  const handle = await ask<Buffer>((done) => sftp.open('cut', 'w', done));
  for (let at = 0; at < 12 * MIB; at += MIB) {
    await ask((done) => sftp.write(handle, Buffer.alloc(MIB), 0, MIB, at, done));
  }
  expect(await gateway.unfinishedUploads()).toEqual(['cut']);
  partner.cut();
  await gateway.logged('file closed', { result: 'abandoned' });
  expect(await gateway.keys()).toEqual([]);
  expect(await gateway.unfinishedUploads()).toEqual([]);
});

test('a channel closed without closing the file leaves no object', async ({ gateway, partner }) => {
  const { sftp, ask } = partner;
  const handle = await ask<Buffer>((done) => sftp.open('half', 'w', done));
  await ask((done) => sftp.write(handle, Buffer.alloc(10), 0, 10, 0, done));
  sftp.end();
  await gateway.logged('file closed', { result: 'abandoned' });
  expect(await gateway.keys()).toEqual([]);
});

test('a lost connection does not affect other connections', async ({ gateway }) => {
  await using dying = await gateway.connect();
  await using partner = await gateway.connect();
  const open = (on: typeof partner, name: string) =>
    on.ask<Buffer>((done) => on.sftp.open(name, 'w', done));
  await open(dying, 'dying');
  const handle = await open(partner, 'living');
  dying.cut();
  await gateway.logged('file closed', { result: 'abandoned' });
  await partner.ask((done) => partner.sftp.write(handle, Buffer.from('x'), 0, 1, 0, done));
  await partner.ask((done) => partner.sftp.close(handle, done));
  expect(await gateway.keys()).toEqual(['living']);
});

test('closing the gateway during an upload leaves no object and no parts, and takes less than 2 s', async ({
  gateway,
  partner,
}) => {
  const { sftp, ask } = partner;
  const handle = await ask<Buffer>((done) => sftp.open('closing', 'w', done));
  for (let at = 0; at < 11 * MIB; at += MIB) {
    await ask((done) => sftp.write(handle, Buffer.alloc(MIB), 0, MIB, at, done));
  }
  const startedAt = performance.now();
  await gateway.server[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(await gateway.keys()).toEqual([]);
  expect(await gateway.unfinishedUploads()).toEqual([]);
  await expect(gateway.connect()).rejects.toThrow('ECONNREFUSED');
});

test('closing the gateway does not wait for storage that never answers', async ({
  gateway,
  partner,
}) => {
  const asked = Promise.withResolvers<void>();
  gateway.s3.send = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const stat = Promise.allSettled([partner.ask((done) => partner.sftp.stat('a', done))]);
  await asked.promise;
  await gateway.server[Symbol.asyncDispose]();
  expect(await stat).toMatchObject([{ reason: { message: 'No response from server' } }]);
});

test('when the storage fails, the client gets an error and the session continues', async ({
  gateway,
  partner,
}) => {
  const { sftp, ask } = partner;
  const stat = () => ask((done) => sftp.stat('a', done));
  const { s3 } = gateway;
  const original = s3.send.bind(s3);
  s3.send = () => Promise.reject(new Error('no route to host'));
  await expect(stat()).rejects.toThrow('storage behind this server did not answer');
  s3.send = original;
  await expect(stat()).rejects.toThrow('no such file');
});
