import assert from 'node:assert/strict';
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localFile, type World } from './world.ts';

const MIB = 1024 * 1024;
const DATED_AT_S = 1_000_000_000;

/** What partners do. Every client uses the same file names, and the result is checked in the same way. */
export type Operation = {
  readonly title: string;
  /** Sets up the world's folders. */
  readonly prepare: (world: World) => Promise<void>;
  /** @param said what the client printed. @throws when the operation has no effect */
  readonly verify: (world: World, said: string) => Promise<void>;
};

async function assertStored({ gateway, remote, local }: World, name: string, from = name) {
  const stored = await gateway.object(`${remote}/${name}`);
  assert.ok(stored.equals(await readFile(join(local, from))), `${name} is not what was sent`);
}

async function assertFetched({ gateway, remote, local }: World, name: string, into: string) {
  const fetched = await readFile(join(local, into));
  assert.ok(
    fetched.equals(await gateway.object(`${remote}/${name}`)),
    `${name} is not what is there`,
  );
}

async function keysOf({ gateway, remote }: World): Promise<string[]> {
  const keys = await gateway.keys();
  // Some clients first create the folder they upload into.
  return keys
    .filter((key) => key.startsWith(`${remote}/`) && key !== `${remote}/`)
    .map((key) => key.slice(remote.length + 1));
}

export const OPERATIONS = {
  upload: {
    title: 'upload a file',
    prepare: async (world) => void (await localFile(world, 'file', 10_000)),
    verify: (world) => assertStored(world, 'file'),
  },
  uploadLarge: {
    title: 'upload 12 MiB',
    prepare: async (world) => void (await localFile(world, 'large', 12 * MIB + 1)),
    verify: (world) => assertStored(world, 'large'),
  },
  uploadTree: {
    title: 'upload a tree',
    prepare: async (world) => {
      await localFile(world, 'tree/a', 10);
      await localFile(world, 'tree/sub dir/ü ☃.csv', 6 * MIB);
      await mkdir(join(world.local, 'tree/empty'));
    },
    verify: async (world) => {
      for (const name of ['tree/a', 'tree/sub dir/ü ☃.csv']) await assertStored(world, name);
    },
  },
  overwrite: {
    title: 'replace a file',
    prepare: async (world) => {
      await localFile(world, 'file', 5_000);
      await world.gateway.put(`${world.remote}/file`, 'older');
    },
    verify: (world) => assertStored(world, 'file'),
  },
  download: {
    title: 'download a file',
    prepare: (world) => world.gateway.put(`${world.remote}/file`, Buffer.alloc(9 * MIB, 'abcdefg')),
    verify: (world) => assertFetched(world, 'file', 'fetched'),
  },
  downloadTree: {
    title: 'download a tree',
    prepare: async ({ gateway, remote }) => {
      await gateway.put(`${remote}/tree/a`, 'A');
      await gateway.put(`${remote}/tree/sub dir/ü ☃.csv`, Buffer.alloc(3 * MIB, 'xyz'));
    },
    verify: async (world) => {
      for (const name of ['tree/a', 'tree/sub dir/ü ☃.csv']) {
        await assertFetched(world, name, name.replace('tree', 'fetched'));
      }
    },
  },
  resumeUpload: {
    title: 'resume an upload',
    prepare: async (world) => {
      const bytes = await localFile(world, 'file', 8 * MIB);
      await world.gateway.put(`${world.remote}/file`, bytes.subarray(0, 6 * MIB));
    },
    verify: (world) => assertStored(world, 'file'),
  },
  resumeDownload: {
    title: 'resume a download',
    prepare: async ({ gateway, remote, local }) => {
      const bytes = Buffer.alloc(5 * MIB, 'abcdefg');
      await gateway.put(`${remote}/file`, bytes);
      await writeFile(join(local, 'fetched'), bytes.subarray(0, MIB + 7));
    },
    verify: (world) => assertFetched(world, 'file', 'fetched'),
  },
  rename: {
    title: 'rename a file',
    prepare: ({ gateway, remote }) => gateway.put(`${remote}/file`, 'content'),
    verify: async (world) => {
      assert.deepEqual(await keysOf(world), ['renamed']);
      assert.equal(String(await world.gateway.object(`${world.remote}/renamed`)), 'content');
    },
  },
  replaceByRename: {
    title: 'rename over another',
    prepare: async ({ gateway, remote }) => {
      await gateway.put(`${remote}/file`, 'content');
      await gateway.put(`${remote}/renamed`, 'older');
    },
    verify: async (world) => {
      assert.deepEqual(await keysOf(world), ['renamed']);
      assert.equal(String(await world.gateway.object(`${world.remote}/renamed`)), 'content');
    },
  },
  remove: {
    title: 'delete a file',
    prepare: ({ gateway, remote }) => gateway.put(`${remote}/file`, 'x'),
    verify: async (world) => assert.deepEqual(await keysOf(world), []),
  },
  makeFolder: {
    title: 'make a folder',
    prepare: async () => {},
    verify: async (world) => assert.deepEqual(await keysOf(world), ['made/']),
  },
  removeFolder: {
    title: 'remove a folder',
    prepare: ({ gateway, remote }) => gateway.put(`${remote}/made/`, ''),
    verify: async (world) => assert.deepEqual(await keysOf(world), []),
  },
  list: {
    title: 'list a folder',
    prepare: async ({ gateway, remote }) => {
      await gateway.put(`${remote}/listed/one file`, 'x');
      await gateway.put(`${remote}/listed/sub/two`, Buffer.alloc(12_345));
    },
    verify: async (_world, said) => {
      assert.match(said, /one file/);
      assert.match(said, /sub/);
    },
  },
  size: {
    title: 'ask for a size',
    prepare: ({ gateway, remote }) => gateway.put(`${remote}/file`, Buffer.alloc(12_345)),
    verify: async (_world, said) => assert.match(said, /12345|12\.056|12\.1K/),
  },
  keepTime: {
    title: "keep a file's time",
    prepare: async (world) => {
      await localFile(world, 'file', 10);
      await utimes(join(world.local, 'file'), DATED_AT_S, DATED_AT_S);
    },
    verify: async ({ local }) => {
      assert.equal((await stat(join(local, 'fetched'))).mtimeMs, DATED_AT_S * 1000);
    },
  },
  temporaryName: {
    title: 'upload, then rename',
    prepare: async (world) => void (await localFile(world, 'file', 6 * MIB)),
    verify: async (world) => {
      assert.deepEqual(await keysOf(world), ['final.csv']);
      await assertStored(world, 'final.csv', 'file');
    },
  },
  compare: {
    title: 'compare a tree',
    prepare: async (world) => {
      const bytes = await localFile(world, 'tree/a', 100);
      await world.gateway.put(`${world.remote}/tree/a`, bytes);
    },
    verify: async () => {},
  },
  link: {
    title: 'make a link',
    prepare: ({ gateway, remote }) => gateway.put(`${remote}/file`, 'x'),
    verify: async (world) => assert.ok((await keysOf(world)).includes('link')),
  },
  mode: {
    title: 'change a mode',
    prepare: ({ gateway, remote }) => gateway.put(`${remote}/file`, 'x'),
    verify: async () => {},
  },
  space: {
    title: 'ask for free space',
    prepare: async () => {},
    verify: async (_world, said) => assert.match(said, /\d/),
  },
} satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;
