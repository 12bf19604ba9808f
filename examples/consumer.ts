/*
 * A consumer of Airlock, to copy and change. It learns of delivered files from its own SQS queue, which
 * is subscribed to the notices topic, and hands each file's verified bytes on once.
 *
 *   QUEUE_URL     its queue; docs/consumers.md says how to make and subscribe one
 *   LANDING_ROOT  where the landing tree is mounted
 *   INTAKE        a directory of its own, on a local disk: verified copies, and the ids that are done
 *   RETRY_S       seconds until a file that is not there yet is looked for again; default 30
 *
 * Region, credentials and endpoint come from the environment, as the AWS SDK reads them. Needs Node
 * 24 (which runs TypeScript as it is) and @aws-sdk/client-sqs.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

/** What this consumer reads of a notice; docs/notice.schema.json has all of it. */
type Delivered = {
  readonly id: string;
  readonly outcome: 'delivered';
  readonly landingPath: string;
  /** Absent for a folder. */
  readonly sha256?: string;
  /** Present where a partner's policy had it delivered although not all of it was scanned. */
  readonly unscanned?: string;
};

/**
 * NFS clients remember names and attributes for up to a minute (nfs(5), acdirmax): so long may a
 * file be missing here, or be the one before. Five looks half a minute apart are enough.
 */
const MAX_LOOKS = 5;

/** Longer than the largest file takes to copy; otherwise two of us copy it at the same time. */
const VISIBILITY_S = 300;

/** A stop waits as long: a receive that is broken off may have taken a message, which is then hidden. */
const WAIT_S = 10;

const QUEUE_URL = required('QUEUE_URL');
const LANDING_ROOT = required('LANDING_ROOT');
const INTAKE = required('INTAKE');
const RETRY_S = Number(process.env['RETRY_S'] ?? 30);
const DONE = join(INTAKE, '.done');

const sqs = new SQSClient({});
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

await mkdir(DONE, { recursive: true });
while (!stopping.signal.aborted) {
  // One by one: more consumers, or more of these in parallel, where that is too slow.
  for (const message of await receive()) {
    try {
      await handle(message);
    } catch (error) {
      // Not deleted: it comes back, and in the end goes to the dead-letter queue of this queue.
      log('failed', { messageId: message.MessageId, error: String(error) });
    }
  }
}

/** What your application does with a file. It may be called again for the same id, after a crash. */
async function take(copy: string, { id, landingPath }: Delivered): Promise<void> {
  await rename(copy, join(INTAKE, id));
  log('taken', { id, landingPath });
}

async function receive(): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: QUEUE_URL,
    MaxNumberOfMessages: 1,
    WaitTimeSeconds: WAIT_S,
    VisibilityTimeout: VISIBILITY_S,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  const { Messages = [] } = await sqs.send(command);
  return Messages;
}

/** The order matters: taken, then remembered, then deleted. A crash in between repeats, and never loses. */
async function handle(message: Message): Promise<void> {
  const notice = parse(message);
  const { id, landingPath, sha256, unscanned } = notice;
  if (await isDone(id)) return await end(message, 'repeated', notice);
  if (sha256 === undefined) return await end(message, 'a folder', notice);
  // Decide this for yourself: not all of it was looked at.
  if (unscanned !== undefined) return await end(message, `not scanned: ${unscanned}`, notice);

  const copy = join(INTAKE, `.${id}.partial`);
  const found = await copyVerified(join(LANDING_ROOT, landingPath), copy, sha256);
  if (found === 'verified') {
    await take(copy, notice);
    return await end(message, undefined, notice);
  }
  await rm(copy, { force: true });
  const looks = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
  if (looks < MAX_LOOKS) return await lookAgain(message, found, notice);
  // Replaced by a newer upload, which has a notice of its own; or taken away by another consumer.
  await end(message, `${found} for good`, notice);
}

/** Accepts SNS's envelope and raw delivery. @throws Error when it is no notice of a delivery */
function parse({ Body = '' }: Message): Delivered {
  const body: { Message?: string } & Partial<Delivered> = JSON.parse(Body);
  const notice: Partial<Delivered> = body.Message === undefined ? body : JSON.parse(body.Message);
  const { id, outcome, landingPath } = notice;
  if (id === undefined || outcome !== 'delivered' || landingPath === undefined) {
    throw new Error(`not a notice of a delivery: ${Body.slice(0, 200)}`);
  }
  return { ...notice, id, outcome, landingPath };
}

/**
 * Copies a landed file and compares what was copied. The copy is what you work on: the landed file may
 * be replaced at any moment, and a name that was verified says nothing about its next opening.
 */
async function copyVerified(
  path: string,
  copy: string,
  sha256: string,
): Promise<'verified' | 'missing' | 'different'> {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await using source = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    await using target = await open(copy, 'w', 0o600);
    await pipeline(source.createReadStream(), hashing, target.createWriteStream({ flush: true }));
  } catch (error) {
    // ESTALE: it was replaced while it was read; the next opening finds the newer one.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESTALE')) return 'missing';
    throw error;
  }
  return hash.digest('hex') === sha256 ? 'verified' : 'different';
}

/** A file per id: it survives a restart, and several consumers can share it. Remove old ones by age. */
async function isDone(id: string): Promise<boolean> {
  return await access(join(DONE, id)).then(
    () => true,
    () => false,
  );
}

async function end(message: Message, why: string | undefined, notice: Delivered): Promise<void> {
  const { id, landingPath } = notice;
  if (why !== undefined) log('passed over', { id, landingPath, why });
  await writeFile(join(DONE, id), '');
  const { ReceiptHandle } = message;
  await sqs.send(new DeleteMessageCommand({ QueueUrl: QUEUE_URL, ReceiptHandle }));
}

async function lookAgain(message: Message, why: string, notice: Delivered): Promise<void> {
  log('looked for again later', { id: notice.id, landingPath: notice.landingPath, why });
  const { ReceiptHandle } = message;
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: QUEUE_URL,
      ReceiptHandle,
      VisibilityTimeout: RETRY_S,
    }),
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

/** JSON escapes what a file name may contain, so it cannot forge a line. */
function log(event: string, fields: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ event, ...fields }));
}
