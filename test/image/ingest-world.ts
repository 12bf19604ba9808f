import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type Cloud, SETTINGS, startCloud } from '../../local/cloud.ts';
import { sqsEvent } from '../../local/lambda/sqs-event.ts';
import { withLogicalId } from '../../local/stack/stack.ts';
import { readTemplate } from '../../local/stack/template.ts';
import { freshclamDatabaseBuilder } from '../../shared/signatures/freshclam-database-builder.ts';
import { s3SignatureStore } from '../../shared/signatures/s3-signature-store.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Container, startContainer } from './container.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

const HANDLER = 'functions/ingest/handler.handler';
const SIGNATURES = 'signatures';
const TIMEOUT_MS = 30_000;
const NEVER = new AbortController().signal;

/** The ingest's image, with stand-ins for Lambda and the AWS services. */
export interface IngestWorld extends AsyncDisposable {
  readonly directory: string;
  readonly landing: string;
  readonly cloud: Cloud;
  readonly api: RuntimeApi;
  /** Publishes a version of the signatures, and puts it in force. */
  publish(version: string, files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  start(environment?: Readonly<Record<string, string>>): Promise<Container>;
  /** Puts an object into the inbox, and receives its message. */
  upload(key: string, content: string | Buffer): Promise<Message>;
  /** As Lambda does: messages not reported as failed are deleted from the queue. */
  invoke(...messages: readonly Message[]): Promise<{ batchItemFailures: readonly unknown[] }>;
  /** Process id of the clamd in service. */
  clamdPid(): Promise<number>;
}

/** @param task the output of `build` */
export async function startIngestWorld(task: string): Promise<IngestWorld> {
  await using starting = new AsyncDisposableStack();
  const { path: directory } = starting.use(await temporaryDirectory());
  const socket = join(directory, 'clamd.sock');
  const cloud = starting.use(
    await startCloud({
      home: directory,
      template: await readTemplate('template.yaml'),
      parameters: { FileSystemRoot: directory, ClamdSocket: socket, IngestTimeoutS: 30 },
      warn: () => {},
    }),
  );
  const api = starting.use(await startRuntimeApi());
  const { environment } = withLogicalId(cloud.stack.functions, 'IngestFunction');
  const landing = environment['LANDING_ROOT'] ?? '';
  await mkdir(landing, { recursive: true });
  await mkdir(environment['INCOMING_ROOT'] ?? '', { recursive: true });
  await cloud.s3.send(new CreateBucketCommand({ Bucket: SIGNATURES })).catch(() => {});
  const store = s3SignatureStore(cloud.s3, SIGNATURES);
  const inbox = withLogicalId(cloud.stack.buckets, 'InboxBucket').name;
  const queue = withLogicalId(cloud.stack.queues, 'IngestQueue');

  const parts = starting.move();
  return {
    directory,
    landing,
    cloud,
    api,

    async publish(version, files) {
      const builder = await freshclamDatabaseBuilder(join(directory, `database-${version}`));
      for (const [name, content] of Object.entries(files)) {
        await writeFile(join(builder.fresh, name), content);
      }
      const assembled = await builder.assemble();
      const publishedAt = new Date().toISOString();
      const manifest = { version, publishedAt, engine: 'any', builtAt: null };
      await store.upload({ ...manifest, files: [...assembled.files] }, assembled.directory, NEVER);
      const current = await store.current(NEVER);
      const options = { isPinned: false, switchedAt: Date.now() };
      await store.switchTo(version, current, options, NEVER);
    },

    start: (extra = {}) =>
      startContainer(task, directory, HANDLER, {
        ...environment,
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_REGION: SETTINGS.region,
        AWS_ACCESS_KEY_ID: SETTINGS.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: SETTINGS.credentials.secretAccessKey,
        AWS_ENDPOINT_URL_S3: cloud.endpoints.s3,
        AWS_ENDPOINT_URL_SQS: cloud.endpoints.sqs,
        AWS_ENDPOINT_URL_SNS: cloud.endpoints.sns,
        AWS_ENDPOINT_URL_EVENTBRIDGE: cloud.endpoints.eventbridge,
        SIGNATURE_BUCKET: SIGNATURES,
        SIGNATURES_CHECK_EVERY_S: '1',
        TIMEOUT_S: String(TIMEOUT_MS / 1000),
        RETRY_BASE_S: '0',
        ...extra,
      }),

    async upload(Key, Body) {
      await cloud.s3.send(new PutObjectCommand({ Bucket: inbox, Key, Body }));
      const receive = new ReceiveMessageCommand({
        QueueUrl: queue.url,
        WaitTimeSeconds: 10,
        MessageSystemAttributeNames: ['All'],
      });
      const { Messages: [message] = [] } = await cloud.sqs.send(receive);
      if (message === undefined) throw new Error(`no message for ${Key}`);
      return message;
    },

    async invoke(...messages) {
      const answer = await api.invoke(sqsEvent(messages, queue.arn), TIMEOUT_MS);
      const response = answer as { batchItemFailures: { itemIdentifier: string }[] };
      const failed = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      for (const { MessageId = '', ReceiptHandle } of messages) {
        if (failed.includes(MessageId)) continue;
        await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
      }
      return response;
    },

    async clamdPid() {
      const slot = join(await readlink(socket), '..');
      return Number(await readFile(join(slot, 'clamd.pid'), 'utf8'));
    },

    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
