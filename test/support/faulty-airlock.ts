import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { IngestErrorCode } from '../../shared/model/ingest-error.ts';
import { type Airlock, type AirlockOptions, startAirlock } from './airlock.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { templateWith } from './template-copy.ts';
import { until } from './until.ts';

/** An Airlock whose ingest function reaches AWS through a proxy that does harm on demand. */
export interface FaultyAirlock extends Airlock {
  readonly proxy: FaultProxy;
  /** The dead letter whose body has `text` in it; concurrent tests do not take each other's. */
  letterAbout(text: string): Promise<Message>;
}

/** Starts one; a failed message comes back after a second, that of a dead worker after two. */
export async function startFaultyAirlock(options: AirlockOptions = {}): Promise<FaultyAirlock> {
  await using starting = new AsyncDisposableStack();
  const proxy = starting.use(await startFaultProxy());
  const template = starting.use(await templateWith({ environment: proxy.environment }));
  const airlock = starting.use(
    await startAirlock({
      ...options,
      templatePath: template.path,
      parameters: { RetryBaseS: 1, IngestVisibilityTimeoutS: 2, ...options.parameters },
    }),
  );
  proxy.forwardTo(airlock.info.endpoints);
  const parts = starting.move();
  const letters: Message[] = [];
  const letterAbout = async (text: string): Promise<Message> => {
    const found = await until(
      async () => {
        letters.push(...(await takeAll(airlock, airlock.info.queues.deadLetter.url)));
        return letters.find(({ Body }) => Body?.includes(text));
      },
      (letter) => letter !== undefined,
    );
    return found ?? {};
  };
  return { ...airlock, proxy, letterAbout, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** Takes what a queue has to give at the moment, without waiting. */
export async function takeAll({ sqs }: Airlock, QueueUrl: string): Promise<readonly Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return taken;
    for (const { ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    taken.push(...Messages);
  }
}

/** Uploads past the proxy: what fails in these tests is the ingest, not the sender. */
export async function upload(
  { s3, info }: Airlock,
  Key: string,
  Body: string | Buffer,
  more: Partial<PutObjectCommandInput> = {},
): Promise<void> {
  const command = { Bucket: info.buckets.inbox, Key, Body: Buffer.from(Body), ...more };
  await s3.send(new PutObjectCommand(command));
}

/** One line of the ingest function's log; lines that are not JSON (a stack trace) are left out. */
export type LogLine = Readonly<Record<string, unknown>>;

export async function ingestLog({ info }: Airlock): Promise<readonly LogLine[]> {
  const text = await readFile(join(info.logs, 'IngestFunction.log'), 'utf8');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}

/** Every line about the object, also those that only name its message. */
export async function logOf(airlock: Airlock, key: string): Promise<readonly LogLine[]> {
  const lines = await ingestLog(airlock);
  const messages = new Set(lines.filter((line) => line['key'] === key).map(messageOf));
  return lines.filter((line) => messages.has(messageOf(line)));
}

function messageOf(line: LogLine): unknown {
  return line['messageId'];
}

/** True for the line of the event that has this fixed name. */
export function says(line: LogLine, event: string): boolean {
  return Object.values(line).includes(event);
}

/** Waits until a try has failed for this reason and the message was hidden for the next one. */
export async function untilRetried(
  airlock: Airlock,
  key: string,
  code: IngestErrorCode,
  reason: RegExp = /./,
): Promise<void> {
  const failures = async (): Promise<readonly string[]> =>
    (await logOf(airlock, key))
      .filter((line) => says(line, 'object will be retried'))
      .map((line) => `${String(line['code'])}: ${String(line['reason'])}`);
  await until(failures, (all) => all.some((one) => one.startsWith(code) && reason.test(one)));
}

/** What every healed fault of an infected file must end in: in quarantine once, and nowhere else. */
export async function expectQuarantined(airlock: Airlock, key: string): Promise<void> {
  const { inbox, quarantine } = airlock.info.buckets;
  await airlock.noticeOf(key, 'quarantined');
  await until(
    () => airlock.versionsOf(inbox, key),
    (versions) => versions.length === 0,
  );
  expect(await airlock.versionsOf(quarantine, key)).toHaveLength(1);
  await expect(access(airlock.landed(key))).rejects.toThrow('ENOENT');
}

/** What every healed fault must end in: delivered bit for bit, announced and settled. */
export async function expectDelivered(
  airlock: Airlock,
  key: string,
  body: string | Buffer,
): Promise<void> {
  await airlock.noticeOf(key, 'delivered');
  expect((await readFile(airlock.landed(key))).equals(Buffer.from(body))).toBe(true);
  await until(
    () => airlock.tagsOf(key),
    (tags) => tags['scan-status'] === 'clean',
  );
}
