import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { S3Event, S3StandIn } from '../../../local/s3/server.ts';
import { startS3 } from '../../../local/s3/server.ts';
import { createClient, MIB, patterned, read, isForeign } from './support.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 's3-durability-'));
});
afterEach(() => rm(root, { recursive: true }));

const start = (emit: (event: S3Event) => void = () => {}): Promise<S3StandIn> =>
  startS3({ root, region: 'eu-central-1', accountId: '000000000000', emit });

test.skipIf(isForeign)(
  'a restart keeps objects, versions, tags, unfinished uploads and the order of events',
  async () => {
    const Bucket = 'kept';
    const sequencers: string[] = [];
    const emit = ({ detail }: S3Event): void =>
      void sequencers.push(String(detail.object.sequencer));
    let s3 = await start(emit);
    s3.ensureBucket(Bucket, { versioned: true, eventBridge: true });
    let client = createClient(s3.endpoint);
    const old = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'old' }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'new', Tagging: 'a=b' }));
    const upload = { Bucket, Key: 'multi' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
    const part = { ...upload, UploadId, PartNumber: 1, Body: 'part' };
    const { ETag } = await client.send(new UploadPartCommand(part));
    client.destroy();
    await s3[Symbol.asyncDispose]();

    s3 = await start(emit);
    s3.ensureBucket(Bucket, { versioned: true, eventBridge: true });
    client = createClient(s3.endpoint);
    expect(await read(client, { Bucket, Key: 'k' })).toBe('new');
    expect(await read(client, { Bucket, Key: 'k', VersionId: old.VersionId })).toBe('old');
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(got.TagCount).toBe(1);
    await got.Body?.transformToByteArray();
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
    expect(await read(client, upload)).toBe('part');
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'newest' }));
    client.destroy();
    await s3[Symbol.asyncDispose]();
    expect(sequencers).toEqual(sequencers.toSorted());
    expect(new Set(sequencers).size).toBe(4);
  },
);

test.skipIf(isForeign)(
  'ensureBucket updates the settings, and a versioned bucket keeps its versions',
  async () => {
    const Bucket = 'settings';
    const s3 = await start();
    s3.ensureBucket(Bucket, { versioned: true, eventBridge: true });
    const client = createClient(s3.endpoint);
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
    s3.ensureBucket(Bucket, { versioned: false, eventBridge: true });
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '2' }));
    s3.ensureBucket(Bucket, { versioned: true, eventBridge: true });
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '3' }));
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toMatchObject([{ Size: 1 }, { VersionId: 'null' }, { Size: 1 }]);
    client.destroy();
    await s3[Symbol.asyncDispose]();
  },
);

test.skipIf(isForeign)(
  'a second stand-in on the same directory is refused, and the first keeps working',
  async () => {
    const s3 = await start();
    s3.ensureBucket('first', { versioned: false, eventBridge: false });
    await expect(start()).rejects.toThrow(/another S3 stand-in/);
    const client = createClient(s3.endpoint);
    await client.send(new PutObjectCommand({ Bucket: 'first', Key: 'k', Body: 'x' }));
    client.destroy();
    await s3[Symbol.asyncDispose]();
  },
);

test.skipIf(isForeign)('unreferenced files are removed at the start', async () => {
  let s3 = await start();
  s3.ensureBucket('swept', { versioned: false, eventBridge: false });
  const client = createClient(s3.endpoint);
  await client.send(new PutObjectCommand({ Bucket: 'swept', Key: 'k', Body: 'kept' }));
  client.destroy();
  await s3[Symbol.asyncDispose]();
  await writeFile(join(root, 'blobs', '0123456789abcdef'), 'left by a crash');
  s3 = await start();
  expect(await readdir(join(root, 'blobs'))).toHaveLength(1);
  await s3[Symbol.asyncDispose]();
});

test.skipIf(isForeign)(
  'stopping ends open requests within a second, and may be repeated',
  async () => {
    const s3 = await start();
    s3.ensureBucket('stopped', { versioned: false, eventBridge: false });
    const { hostname, port } = new URL(s3.endpoint);
    const socket = connect(Number(port), hostname);
    const closed = once(socket, 'close');
    socket.on('error', () => {});
    socket.write('PUT /stopped/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n');
    await new Promise((resolve) => socket.write(patterned(MIB), resolve));
    const startedAt = performance.now();
    await Promise.all([s3[Symbol.asyncDispose](), s3[Symbol.asyncDispose]()]);
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(await readdir(join(root, 'blobs'))).toEqual([]);
  },
);

async function startProcess(): Promise<{ child: ChildProcess; client: S3Client }> {
  const child = fork(new URL('./stand-in-process.ts', import.meta.url), [root]);
  const [endpoint]: unknown[] = await once(child, 'message');
  return { child, client: createClient(String(endpoint)) };
}

/** A body that contains its key and its generation. */
function body(key: string, generation: number): Buffer {
  const bytes = patterned(200_000 + generation, generation);
  bytes.write(`${key} ${generation}\n`);
  return bytes;
}

test.skipIf(isForeign)(
  'after SIGKILL during many puts each object is old or new, and complete',
  async () => {
    const Bucket = 'crash';
    const keys = Array.from({ length: 24 }, (_, index) => `key/${index}`);
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < 3; round++) {
      const { child, client } = await startProcess();
      const killed = new AbortController();
      const lanes = Array.from({ length: 6 }, async (_, lane) => {
        for (let turn = 0; !killed.signal.aborted; turn++) {
          const Key = keys[(turn * 6 + lane) % keys.length] ?? '';
          const generation = (acknowledged.get(Key) ?? 0) + 1;
          try {
            await client.send(new PutObjectCommand({ Bucket, Key, Body: body(Key, generation) }));
            acknowledged.set(Key, generation);
            const Tagging = { TagSet: [{ Key: 'generation', Value: String(generation) }] };
            await client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging }));
          } catch {
            return;
          }
        }
      });
      await expect.poll(() => acknowledged.size, { interval: 5 }).toBeGreaterThan(12);
      await new Promise((resolve) => setTimeout(resolve, 100 + round * 37));
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      killed.abort();
      await gone;
      client.destroy();
      await Promise.all(lanes);

      const restarted = await startProcess();
      const { Contents = [] } = await restarted.client.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents.length).toBeGreaterThanOrEqual(acknowledged.size);
      for (const { Key = '', Size, ETag } of Contents) {
        const text = await read(restarted.client, { Bucket, Key });
        const generation = Number(/ (\d+)\n/.exec(text.slice(0, 40))?.[1]);
        expect(text === body(Key, generation).toString('latin1')).toBe(true);
        expect(Size).toBe(text.length);
        expect(ETag).toBe(`"${createHash('md5').update(text, 'latin1').digest('hex')}"`);
        // Acknowledged puts are there; those in flight may be.
        expect(generation - (acknowledged.get(Key) ?? 0)).toBeOneOf([0, 1]);
        acknowledged.set(Key, generation);
      }
      expect(await readdir(join(root, 'blobs'))).toHaveLength(Contents.length);
      restarted.client.destroy();
      const exit = once(restarted.child, 'exit');
      restarted.child.disconnect();
      await exit;
    }
  },
);
