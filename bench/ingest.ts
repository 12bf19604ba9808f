/**
 * How fast the ingest handler moves files from the S3 stand-in to the landing tree, compared with
 * `cp`, `sha256sum`, S3 GET, the AWS calls alone, and clamd alone (also through
 * `clamdscan --fdpass --multiscan`, if installed).
 *
 * `node bench/ingest.ts [runs, default 3] [rows, a regular expression on their names]`
 *
 * One execution environment, batches of ten; the stand-ins and clamd run in a separate process, which
 * is restarted for each measurement because clamd caches clean files. Prints medians, the spread, and
 * ratios; note the machine with them.
 */
import assert from 'node:assert/strict';
import { execFileSync, fork, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import PQueue from 'p-queue';
import { startClamd } from '../local/clamd/clamd.ts';
import { chooseSignatures } from '../local/clamd/signatures.ts';
import { socketPath } from '../local/clamd/socket-path.ts';
import { SETTINGS, startCloud } from '../local/cloud.ts';
import { withLogicalId } from '../local/stack/stack.ts';
import { readTemplate } from '../local/stack/template.ts';
import { parseArrival, encodeArrival } from '../shared/parse/arrival.ts';

type Kind = 'csv' | 'random';
type Row = { name: string; count: number; sizeBytes: number; kind: Kind };
type Host = {
  s3: string;
  environment: Record<string, string>;
  socket: string;
  configuration: string;
  /** CPU time of the stand-ins since their start, without clamd. */
  cpuS: () => Promise<number>;
};

const ROWS: readonly Row[] = [
  { name: '2,000 x 10 KB CSV', count: 2000, sizeBytes: 10_000, kind: 'csv' },
  { name: '200 x 1 MB CSV', count: 200, sizeBytes: 1_000_000, kind: 'csv' },
  { name: '20 x 100 MB CSV', count: 20, sizeBytes: 100_000_000, kind: 'csv' },
  { name: '1 x 1 GB CSV', count: 1, sizeBytes: 1_000_000_000, kind: 'csv' },
  { name: '1 x 1 GB random', count: 1, sizeBytes: 1_000_000_000, kind: 'random' },
];
const AT_ONCE = 4;
const BATCH = 10;
const TEMPLATE = new URL('../template.yaml', import.meta.url).pathname;

const [, , first, second] = process.argv;
if (first === 'serve') await serve(second ?? '');
else if (first === 'handle') await handle(second ?? '');
else if (first === 'call') await makeCalls(second ?? '');
else await bench(Number(first ?? 3), new RegExp(second ?? ''));

/** The process with the stand-ins and clamd. */
async function serve(home: string): Promise<void> {
  const clamdDirectory = join(home, 'clamd');
  const cloud = await startCloud({
    home,
    template: await readTemplate(TEMPLATE),
    parameters: {
      FileSystemRoot: home,
      ClamdSocket: socketPath(clamdDirectory),
      // The test signatures have no age.
      MaxSignatureAgeHours: 0,
    },
    warn: console.error,
  });
  const clamd = await startClamd({
    directory: clamdDirectory,
    logFile: join(home, 'clamd.log'),
    signatures: await chooseSignatures(process.env['AIRLOCK_SIGNATURES']),
    maxScanTimeMs: 600_000,
    onRestart: console.error,
  });
  await mkdir(join(home, 'landing'));
  await mkdir(join(home, 'incoming'));
  await mkdir(join(home, 'tmp'));
  const { environment } = withLogicalId(cloud.stack.functions, 'IngestFunction');
  const clients = {
    AWS_REGION: SETTINGS.region,
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ENDPOINT_URL_S3: cloud.endpoints.s3,
    AWS_ENDPOINT_URL_SQS: cloud.endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: cloud.endpoints.sns,
    AWS_ENDPOINT_URL_EVENTBRIDGE: cloud.endpoints.eventbridge,
  };
  process.send?.({
    s3: cloud.endpoints.s3,
    socket: clamd.socket,
    configuration: join(clamdDirectory, 'clamd.conf'),
    environment: { ...environment, ...clients, TMPDIR: join(home, 'tmp') },
  });
  for (let [asked] = await once(process, 'message'); asked === 'cpu';) {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1e6);
    [asked] = await once(process, 'message');
  }
  await clamd[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
  process.disconnect();
}

/** The process of the function: handles the batches in a file of JSON lines, and reports time and memory. */
async function handle(batchesFile: string): Promise<void> {
  const { handler } = await import('../functions/ingest/handler.ts');
  await measureBatches(batchesFile, async (event) => {
    const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 800_000 };
    const { batchItemFailures } = await handler(event, context as unknown as Context);
    assert.deepEqual(batchItemFailures, []);
  });
}

/** Only the AWS calls that the handler makes for a clean file: the upper limit of its speed. */
async function makeCalls(batchesFile: string): Promise<void> {
  const env = process.env;
  const [s3, sns, events] = [new S3Client({}), new SNSClient({}), new EventBridgeClient({})];
  const object = async ({ body }: SQSRecord): Promise<void> => {
    const { bucket: Bucket, key: Key, versionId: VersionId } = parseArrival(body);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    assert(Body instanceof Readable);
    await pipeline(Body, new Writable({ write: (_chunk, _encoding, done) => done() }));
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
    await Promise.all([
      sns.send(new PublishCommand({ TopicArn: env['NOTICES_TOPIC_ARN'], Message: body })),
      events.send(
        new PutEventsCommand({ Entries: [{ Source: 'airlock', DetailType: 'x', Detail: body }] }),
      ),
    ]);
    const Tagging = { TagSet: [{ Key: 'scan-status', Value: 'clean' }] };
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key, VersionId, Tagging }));
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
  };
  await measureBatches(batchesFile, async ({ Records }) => {
    const queue = new PQueue({ concurrency: AT_ONCE });
    await queue.addAll(Records.map((record) => () => object(record)));
  });
}

async function measureBatches(
  batchesFile: string,
  run: (event: SQSEvent) => Promise<void>,
): Promise<void> {
  const batches = readFileSync(batchesFile, 'utf8').trim().split('\n');
  const memory = (): number => process.memoryUsage().rss / 1e6;
  const before = memory();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, memory())), 20);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (const batch of batches) await run(JSON.parse(batch) as SQSEvent);
  const tookS = (performance.now() - startedAt) / 1000;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ seconds: tookS, growthMb: most - before, cpuS: (user + system) / 1e6 });
  process.disconnect();
}

async function bench(runs: number, wanted: RegExp): Promise<void> {
  console.log(
    `${runs} runs, medians (lowest to highest); ratios against the sum or the rate named`,
  );
  for (const row of ROWS.filter(({ name }) => wanted.test(name))) {
    const columns = new Map<string, number[]>();
    for (let run = 0; run < runs; run += 1) {
      for (const [name, value] of Object.entries(await measure(row))) {
        columns.set(name, [...(columns.get(name) ?? []), value]);
      }
    }
    const median = (name: string): number =>
      (columns.get(name) ?? []).toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
    console.log(`\n${row.name}`);
    for (const [name, values] of columns) {
      const spread = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
      console.log(`  ${name.padEnd(28)} ${median(name).toFixed(2).padStart(8)}   (${spread})`);
    }
    const floor = median('GET to disk, s') + median('clamd SCAN, s');
    console.log(
      `  ingest / (GET to disk + clamd SCAN) = ${(median('ingest, s') / floor).toFixed(2)}`,
    );
    const rate = median('clamd MULTISCAN, s') / median('ingest, s');
    console.log(`  ingest rate / clamd MULTISCAN rate  = ${(100 * rate).toFixed(0)} %`);
    const calls = median('AWS calls alone, s') / median('ingest, s');
    console.log(`  ingest rate / rate of the AWS calls = ${(100 * calls).toFixed(0)} %`);
  }
}

async function measure(row: Row): Promise<Record<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-ingest-'));
  try {
    const source = join(directory, 'source');
    await generate(row, source);
    const names = await readdir(source);
    const result: Record<string, number> = {};
    result['cp, s'] = seconds(() => execFileSync('cp', ['-r', source, join(directory, 'copy')]));
    result['sha256sum, s'] = seconds(() => hashAll(source, names));
    await withHost(directory, async ({ s3, socket }) => {
      const client = s3Client(s3);
      await upload(client, source, names);
      result['GET to nowhere, s'] = await timed(() => getAll(client, names, undefined));
      await mkdir(join(directory, 'got'));
      result['GET to disk, s'] = await timed(() => getAll(client, names, join(directory, 'got')));
      result['clamd SCAN, s'] = await timed(() => command(socket, `nCONTSCAN ${source}\n`));
      client.destroy();
    });
    await withHost(directory, async ({ socket }) => {
      result['clamd MULTISCAN, s'] = await timed(() => command(socket, `nMULTISCAN ${source}\n`));
    });
    const isInstalled = spawnSync('clamdscan', ['--version']).status === 0;
    await withHost(directory, async ({ configuration }) => {
      const args = ['--config-file', configuration, '--fdpass', '--multiscan', '--quiet', source];
      if (isInstalled) result['clamdscan, s'] = seconds(() => execFileSync('clamdscan', args));
    });
    await withHost(directory, async (host) => {
      const child = await runInChild('call', host, directory, source, names);
      result['AWS calls alone, s'] = child.seconds;
      result['AWS calls alone, CPU s'] = child.cpuS;
    });
    await withHost(directory, async (host) => {
      const child = await runInChild('handle', host, directory, source, names);
      const landed = await readdir(join(dirname(host.configuration), '..', 'landing'));
      assert.equal(landed.length, names.length);
      result['ingest, s'] = child.seconds;
      result['ingest RSS growth, MB'] = child.growthMb;
      result['ingest CPU, s'] = child.cpuS;
      result['stand-ins CPU then, s'] = child.standInsCpuS;
    });
    return result;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

type ChildResult = { seconds: number; growthMb: number; cpuS: number; standInsCpuS: number };

async function runInChild(
  what: 'handle' | 'call',
  { s3, environment, cpuS }: Host,
  directory: string,
  source: string,
  names: string[],
): Promise<ChildResult> {
  const client = s3Client(s3);
  const batches = await upload(client, source, names);
  client.destroy();
  const file = join(directory, 'batches.jsonl');
  await writeFile(file, batches.join('\n'));
  const before = await cpuS();
  const child = fork(import.meta.filename, [what, file], {
    env: { ...environment, PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(child, 'exit').then(() => assert.fail('the handler failed'));
  const [result]: Omit<ChildResult, 'standInsCpuS'>[] = await Promise.race([
    once(child, 'message'),
    failed,
  ]);
  failed.catch(() => {});
  assert(result);
  return { ...result, standInsCpuS: (await cpuS()) - before };
}

async function withHost(directory: string, use: (host: Host) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(directory, 'home-'));
  const child = fork(import.meta.filename, ['serve', home], { stdio: ['ignore', 1, 2, 'ipc'] });
  const [host]: Omit<Host, 'cpuS'>[] = await once(child, 'message');
  assert(host);
  const cpuS = async (): Promise<number> => {
    child.send('cpu');
    const [used]: number[] = await once(child, 'message');
    return used ?? Number.NaN;
  };
  try {
    await use({ ...host, cpuS });
  } finally {
    child.send('stop');
    await once(child, 'exit');
  }
}

async function generate({ count, sizeBytes, kind }: Row, directory: string): Promise<void> {
  await mkdir(directory);
  for (let index = 0; index < count; index += 1) {
    await using file = await open(join(directory, `file-${index}.${kind}`), 'w');
    for (let left = sizeBytes; left > 0; left -= 1_000_000) {
      await file.write(chunk(kind, Math.min(left, 1_000_000)));
    }
  }
}

/** No two chunks are equal, so that no cache helps. */
function chunk(kind: Kind, sizeBytes: number): Buffer {
  if (kind === 'random') return randomBytes(sizeBytes);
  const hex = randomBytes(Math.ceil(sizeBytes / 2)).toString('hex');
  return Buffer.from(hex.replaceAll(/(.{8})(.{6})(.{2})/g, '$1;$2;\n').slice(0, sizeBytes));
}

async function upload(client: S3Client, source: string, names: string[]): Promise<string[]> {
  const Bucket = 'airlock-inbox-bucket';
  const queue = new PQueue({ concurrency: AT_ONCE });
  const records = await queue.addAll(
    names.map((Key) => async () => {
      const path = join(source, Key);
      const ContentLength = statSync(path).size;
      const { ETag = '', VersionId } = await client.send(
        new PutObjectCommand({ Bucket, Key, Body: createReadStream(path), ContentLength }),
      );
      return {
        messageId: Key,
        receiptHandle: Key,
        body: encodeArrival({
          bucket: Bucket,
          key: Key,
          sizeBytes: ContentLength,
          etag: ETag.replaceAll('"', ''),
          versionId: VersionId,
          arrivedAt: Date.now(),
        }),
        attributes: { ApproximateReceiveCount: '1', ApproximateFirstReceiveTimestamp: '0' },
      };
    }),
  );
  return Array.from({ length: Math.ceil(records.length / BATCH) }, (_, index) =>
    JSON.stringify({ Records: records.slice(index * BATCH, (index + 1) * BATCH) }),
  );
}

async function getAll(client: S3Client, names: string[], to: string | undefined): Promise<void> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  await queue.addAll(
    names.map((Key) => async () => {
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket: 'airlock-inbox-bucket', Key }),
      );
      assert(Body instanceof Readable);
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      await pipeline(Body, to === undefined ? nowhere : createWriteStream(join(to, Key)));
    }),
  );
}

async function command(socketFile: string, line: string): Promise<void> {
  const socket = connect(socketFile);
  socket.write(line);
  const answer = await text(socket);
  assert.match(answer, /OK\n$/);
}

function hashAll(source: string, names: string[]): void {
  execFileSync('sha256sum', names, { cwd: source, stdio: 'ignore' });
}

function s3Client(endpoint: string): S3Client {
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  return new S3Client({ endpoint, region: SETTINGS.region, credentials });
}

function seconds(run: () => unknown): number {
  const startedAt = performance.now();
  run();
  return (performance.now() - startedAt) / 1000;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
}
