/**
 * How fast the S3 stand-in transfers one large object, compared with references measured in the same run, and how much
 * memory it takes. `node bench/s3.ts [GiB, default 1] [runs, default 3]`
 */
import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startS3 } from '../local/s3/server.ts';

const MIB = 1024 * 1024;
const BUCKET = 'bench';

if (process.argv[2] === 'serve') await serve(process.argv[3] ?? '');
else await bench(Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 3));

/** The child: the stand-in, and a bare HTTP server as the upper limit of Node. */
async function serve(directory: string): Promise<void> {
  const s3 = await startS3({
    root: join(directory, 's3'),
    region: 'eu-central-1',
    accountId: '000000000000',
    emit() {},
  });
  s3.ensureBucket(BUCKET, { versioned: false, eventBridge: false });
  const bare = createServer((incoming, outgoing) => {
    if (incoming.method === 'GET') {
      createReadStream(join(directory, 'file'), { highWaterMark: MIB }).pipe(outgoing);
    } else {
      incoming.resume().on('end', () => outgoing.end());
    }
  });
  bare.listen(0, '127.0.0.1', () => {
    const address = bare.address();
    assert(typeof address === 'object' && address !== null);
    process.send?.([s3.endpoint, `http://127.0.0.1:${address.port}`]);
  });
  process.on('disconnect', () => process.exit());
}

async function bench(gib: number, runs: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-s3-'));
  const file = join(directory, 'file');
  const sizeBytes = Math.round(gib * 1024) * MIB;
  await writeFile(file, sizeBytes);
  const child = fork(import.meta.filename, ['serve', directory]);
  try {
    const [message]: unknown[] = await once(child, 'message');
    assert(Array.isArray(message));
    const [s3, bare] = message.map(String);
    const bareUrl = bare ?? '';
    const s3Url = `${s3}/${BUCKET}/raw`;
    const client = new S3Client({
      endpoint: s3 ?? '',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    const where = { Bucket: BUCKET, Key: 'sdk' };
    const idleMib = peakMib(child.pid ?? 0);

    const rows: [string, number][] = [];
    const row = async (name: string, run: () => Promise<unknown>): Promise<void> => {
      const seconds: number[] = [];
      for (let turn = 0; turn < runs; turn++) {
        const startedAt = performance.now();
        await run();
        seconds.push((performance.now() - startedAt) / 1000);
      }
      const median = seconds.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
      rows.push([name, sizeBytes / MIB / median]);
      console.log(
        `${name.padEnd(46)} ${median.toFixed(2).padStart(6)} s ${(sizeBytes / MIB / median).toFixed(0).padStart(6)} MiB/s`,
      );
    };

    console.log(`${gib} GiB, median of ${runs}; client and server share ${cpuCount()} CPUs`);
    await row('reference: cp, flushed', async () => {
      execFileSync('cp', [file, `${file}.copy`]);
      await using copy = await open(`${file}.copy`);
      await copy.sync();
    });
    await rm(`${file}.copy`);
    await row('reference: md5 of the file', () =>
      pipeline(createReadStream(file, { highWaterMark: MIB }), createHash('md5')),
    );
    await row('reference: PUT to a bare node:http sink', () => put(bareUrl, file, sizeBytes));
    await row('stand-in: PUT, plain HTTP', () => put(s3Url, file, sizeBytes));
    await row('stand-in: SDK PutObject, stream (CRC32 trailer)', () =>
      client.send(
        new PutObjectCommand({
          ...where,
          Body: createReadStream(file, { highWaterMark: MIB }),
          ContentLength: sizeBytes,
        }),
      ),
    );
    await row('stand-in: SDK multipart, 16 MiB parts, 4 at once', () =>
      multipart(client, where, file, sizeBytes),
    );
    await row('reference: GET from a bare node:http server', () => get(bareUrl));
    await row('stand-in: GET, plain HTTP', () => get(s3Url));
    await row('stand-in: SDK GetObject (checksum verified)', async () => {
      const { Body } = await client.send(new GetObjectCommand(where));
      assert(Body instanceof Readable);
      await pipeline(Body, sink());
    });

    const rate = new Map(rows);
    const ratio = (a: string, b: string): string =>
      ((rate.get(a) ?? 0) / (rate.get(b) ?? 1)).toFixed(2);
    console.log(
      `PUT is ${ratio('stand-in: PUT, plain HTTP', 'reference: PUT to a bare node:http sink')} of the bare sink, ` +
        `${ratio('stand-in: PUT, plain HTTP', 'reference: cp, flushed')} of cp; ` +
        `GET is ${ratio('stand-in: GET, plain HTTP', 'reference: GET from a bare node:http server')} of the bare server`,
    );
    await small(client);
    console.log(
      `peak RSS of the server: ${peakMib(child.pid ?? 0)} MiB (${idleMib} MiB before the first request)`,
    );
    client.destroy();
  } finally {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
    await rm(directory, { recursive: true });
  }
}

/** Throughput of small objects. */
async function small(client: S3Client): Promise<void> {
  const body = Buffer.alloc(10 * 1024, 'x');
  for (const lanes of [1, 8]) {
    const count = 500;
    let next = 0;
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (next < count) {
          const where = { Bucket: BUCKET, Key: `small/${next++}` };
          await client.send(new PutObjectCommand({ ...where, Body: body }));
        }
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`PutObject, 10 KiB, ${lanes} at once: ${(count / seconds).toFixed(0)}/s`);
  }
}

async function writeFile(path: string, sizeBytes: number): Promise<void> {
  await using handle = await open(path, 'w');
  const block = Buffer.alloc(MIB);
  for (let index = 0; index < block.length; index++)
    block[index] = (index * 31 + (index >> 7)) & 255;
  for (let offset = 0; offset < sizeBytes; offset += MIB) {
    block.writeUInt32LE(offset / MIB);
    await handle.write(block);
  }
  await handle.sync();
}

async function put(url: string, file: string, sizeBytes: number): Promise<void> {
  const agent = new Agent();
  const outgoing = request(url, {
    method: 'PUT',
    agent,
    headers: { 'content-length': sizeBytes, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  const answered = new Promise<number>((resolve, reject) => {
    outgoing.on('response', (reply) => {
      reply.resume().on('end', () => resolve(reply.statusCode ?? 0));
    });
    outgoing.on('error', reject);
  });
  await pipeline(createReadStream(file, { highWaterMark: MIB }), outgoing);
  if ((await answered) !== 200) throw new Error(`PUT ${url} was refused`);
  agent.destroy();
}

async function get(url: string): Promise<void> {
  const agent = new Agent();
  await new Promise<void>((resolve, reject) => {
    request(url, { agent }, (reply) => {
      pipeline(reply, sink()).then(resolve, reject);
    }).end();
  });
  agent.destroy();
}

async function multipart(
  client: S3Client,
  where: { Bucket: string; Key: string },
  file: string,
  sizeBytes: number,
): Promise<void> {
  const partBytes = 16 * MIB;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(where));
  await using handle = await open(file);
  const count = Math.ceil(sizeBytes / partBytes);
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (next < count) {
        const index = next++;
        const part = Buffer.allocUnsafe(partBytes);
        await handle.read(part, 0, partBytes, index * partBytes);
        const { ETag } = await client.send(
          new UploadPartCommand({ ...where, UploadId, PartNumber: index + 1, Body: part }),
        );
        parts[index] = { PartNumber: index + 1, ETag };
      }
    }),
  );
  await client.send(
    new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts: parts } }),
  );
}

function sink(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function peakMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function cpuCount(): number {
  return readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 0;
}
