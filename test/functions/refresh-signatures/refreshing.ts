import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ExecutionEnvironment } from '../../../local/lambda/execution-environment.ts';
import { openLogFile } from '../../../local/log-file.ts';
import { startS3 } from '../../../local/s3/server.ts';
import { s3SignatureStore } from '../../../shared/signatures/s3-signature-store.ts';
import type { SignatureStore } from '../../../shared/signatures/signature-store.ts';
import { startMirror, type SignatureMirror } from '../../support/signature-mirror.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const BUCKET = 'signatures';
const REGION = 'eu-central-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
export const NEVER = new AbortController().signal;

/** The function as Lambda runs it, a mirror for freshclam, and the bucket it publishes to. */
export interface Refreshing extends AsyncDisposable {
  readonly mirror: SignatureMirror;
  readonly store: SignatureStore;
  /** Of the function. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs the function once. @throws Error when it fails */
  refresh(): Promise<{ readonly result: string }>;
  /** Version in force. */
  current(): Promise<string | undefined>;
  put(key: string, content: string): Promise<void>;
  remove(key: string): Promise<void>;
  keys(prefix?: string): Promise<readonly string[]>;
  get(key: string): Promise<string>;
  /** Values of a metric, in order. */
  metric(name: string): Promise<readonly number[]>;
}

/** @param names files on the mirror that freshclam is to fetch */
export async function startRefreshing(
  names: readonly string[],
  changes: Readonly<Record<string, string>> = {},
): Promise<Refreshing> {
  await using starting = new AsyncDisposableStack();
  const { path } = starting.use(await temporaryDirectory());
  const mirror = starting.use(await startMirror());
  const standIn = starting.use(
    await startS3({
      root: join(path, 's3'),
      region: REGION,
      accountId: '000000000000',
      emit: () => {},
    }),
  );
  standIn.ensureBucket(BUCKET, { versioned: true, eventBridge: false });
  const s3 = new S3Client({ region: REGION, endpoint: standIn.endpoint, credentials });
  starting.defer(() => s3.destroy());
  const logFile = join(path, 'function.log');
  const log = starting.use(await openLogFile({ path: logFile, onTrouble: () => {} }));
  await mkdir(join(path, 'tmp'));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    TMPDIR: join(path, 'tmp'),
    TZ: ':UTC',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: standIn.endpoint,
    SIGNATURE_BUCKET: BUCKET,
    DATABASE_MIRROR: '',
    CUSTOM_DATABASE_URLS: names.map((name) => mirror.urlOf(name)).join(','),
    KEEP_VERSIONS: '2',
    MEMORY_CAP_MB: '1600',
    ...changes,
  };
  const fn = starting.use(
    await ExecutionEnvironment.start({
      name: 'RefreshSignaturesFunction',
      moduleUrl: new URL('../../../functions/refresh-signatures/handler.ts', import.meta.url).href,
      exportName: 'handler',
      environment,
      timeoutMs: 60_000,
      memoryMb: 512,
      onOutput: log.writeFrom,
    }),
  );
  const store = s3SignatureStore(s3, BUCKET);
  let refreshCount = 0;
  const parts = starting.move();
  return {
    mirror,
    store,
    environment,
    async refresh() {
      const answer = (await fn.invoke({})) as { result: string };
      refreshCount += 1;
      return answer;
    },
    current: async () => (await store.current(NEVER))?.pointer.version,
    async put(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    },
    async remove(Key) {
      await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    },
    async keys(Prefix = '') {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
      return Contents.map(({ Key }) => Key ?? '');
    },
    async get(Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    async metric(name) {
      // One record per refresh; the last may still be on its way to the file.
      const records = await until(
        async () => (await readFile(logFile, 'utf8')).match(/^.*CloudWatchMetrics.*$/gm) ?? [],
        ({ length }) => length >= refreshCount,
      );
      return records
        .map((line) => (JSON.parse(line) as Record<string, unknown>)[name])
        .flatMap((value) => (typeof value === 'number' ? value : []));
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
