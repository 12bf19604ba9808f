import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startRuntime, type Runtime, type RuntimeOptions } from '../../local/runtime.ts';
import { ACT_DETAIL_TYPE } from '../../shared/acts/eventbridge-acts.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import { runSftp } from './sftp-client.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { until } from './until.ts';

/** A whole Airlock with test signatures, and what a test needs to watch it from outside. */
export interface Airlock extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly info: Runtime['info'];
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** Every notice so far, repetitions included. */
  readonly notices: readonly Notice[];
  /** The first notice that fits: looks backwards, then waits as long as the ingest gets on. */
  noticeOf(key: string, outcome?: Notice['outcome']): Promise<Notice>;
  /** Runs commands of OpenSSH's `sftp` as the demo partner. @throws when one fails */
  sftp(...commands: readonly string[]): Promise<string>;
  /** Puts an object into the inbox as Transfer Family does for the partner `acme`. */
  upload(key: string, content: Uint8Array | string): Promise<void>;
  landed(key: string): string;
  /** Takes the next message out of a queue, waiting for it. */
  takeMessage(queueUrl: string): Promise<Message>;
  tagsOf(key: string): Promise<Record<string, string | undefined>>;
  /** Versions of a key in a bucket, newest first; without delete markers. */
  versionsOf(bucket: string, key: string): Promise<readonly string[]>;
}

export type AirlockOptions = Partial<
  Pick<RuntimeOptions, 'home' | 'parameters' | 'templatePath' | 'warn'>
>;

/** Starts on free ports; its state directory goes with it unless `home` is given. */
export async function startAirlock(options: AirlockOptions = {}): Promise<Airlock> {
  await using starting = new AsyncDisposableStack();
  const home = options.home ?? starting.use(await temporaryDirectory()).path;
  const notices: Notice[] = [];
  const runtime = starting.use(
    await startRuntime({
      sftpPort: 0,
      signatures: 'test',
      warn: () => {},
      ...options,
      home,
      onBus: (bus) =>
        bus.subscribe((event) => {
          if (event.source !== 'airlock' || event['detail-type'] === ACT_DETAIL_TYPE) return;
          notices.push(event.detail as unknown as Notice);
        }),
    }),
  );
  const { info } = runtime;
  const settings = { region: info.region, credentials: info.credentials };
  const s3 = new S3Client({ ...settings, endpoint: info.endpoints.s3 });
  const sqs = new SQSClient({ ...settings, endpoint: info.endpoints.sqs });
  const sns = new SNSClient({ ...settings, endpoint: info.endpoints.sns });
  for (const client of [s3, sqs, sns]) starting.defer(() => client.destroy());

  // The ingest's log grows with every try, also with those that do not end.
  const log = join(info.logs, 'IngestFunction.log');
  const progress = (): unknown => [notices.length, statSync(log).size];

  const parts = starting.move();
  return {
    runtime,
    info,
    s3,
    sqs,
    sns,
    notices,

    async noticeOf(key, outcome) {
      const fits = (notice: Notice): boolean =>
        notice.object?.key === key && (outcome === undefined || notice.outcome === outcome);
      const seen = (): readonly string[] =>
        notices.map((notice) => `${notice.outcome} ${notice.object?.key}`);
      await until(seen, () => notices.some(fits), { progress });
      const found = notices.find(fits);
      if (found) return found;
      throw new Error('unreachable');
    },

    async sftp(...commands) {
      const { code, stdout, stderr } = await runSftp(info.sftp, commands);
      if (code !== 0) throw new Error(`sftp ended with ${code}: ${stderr || stdout}`);
      return stdout;
    },

    async upload(key, content) {
      await s3.send(
        new PutObjectCommand({
          Bucket: info.buckets.inbox,
          Key: key,
          Body: content,
          Metadata: { 'user-agent-id': 'acme@s-1' },
        }),
      );
    },

    landed: (key) => join(info.landingRoot, key),

    async takeMessage(queueUrl) {
      const receive = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        WaitTimeSeconds: 5,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      });
      const [message = {}] = await until(
        async () => (await sqs.send(receive)).Messages ?? [],
        (messages) => messages.length > 0,
        { progress },
      );
      const { ReceiptHandle } = message;
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      return message;
    },

    async tagsOf(key) {
      const command = new GetObjectTaggingCommand({ Bucket: info.buckets.inbox, Key: key });
      const { TagSet = [] } = await s3.send(command);
      return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value]));
    },

    async versionsOf(bucket, key) {
      const command = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key });
      const { Versions = [] } = await s3.send(command);
      return Versions.filter(({ Key }) => Key === key).map(({ VersionId }) => VersionId ?? '');
    },

    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Text attributes of a message, by name. */
export function attributesOf(message: Message): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]),
  );
}
