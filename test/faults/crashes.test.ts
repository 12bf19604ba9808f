import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import type { Notice } from '../../shared/notify/notice.ts';
import { type Airlock, startAirlock } from '../support/airlock.ts';
import { crashingKey, tracedKey } from '../support/crash/plan.ts';
import { EICAR } from '../support/eicar.ts';
import {
  expectDelivered,
  expectQuarantined,
  ingestLog,
  takeAll,
  upload,
} from '../support/faulty-airlock.ts';
import { watchLanding } from '../support/landing-watch.ts';
import { childProcesses } from '../support/processes.ts';
import { templateWith } from '../support/template-copy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { LAST_RESORT_MS, until } from '../support/until.ts';

/** Long enough for several chunks on their way to the file. */
const CLEAN = randomBytes(200_000);

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** The handler that kills its process, as the template names handlers. */
const HANDLER = relative(
  PROJECT,
  fileURLToPath(new URL('../support/crash/handler.ts', import.meta.url)),
).replace(/ts$/, 'handler');

const PARAMETERS = { IngestVisibilityTimeoutS: 2, RetryBaseS: 1, MaxReceiveCount: 30 };

test(
  'a worker that dies after any of its effects loses nothing and lets nothing unclean through',
  { timeout: LAST_RESORT_MS },
  async () => {
    await using home = await temporaryDirectory();
    await using template = await templateWith({ handler: HANDLER });
    const options = {
      home: home.path,
      templatePath: template.path,
      // One object per invocation, so that effects are counted per object.
      parameters: { ...PARAMETERS, IngestBatchSize: 1, IngestObjectConcurrency: 1 },
    };
    {
      await using airlock = await startAirlock(options);
      using watch = watchLanding(airlock.info.landingRoot);
      const heard = await subscribe(airlock);

      const clean = await effectsOf(airlock, 'clean', CLEAN);
      const infected = await effectsOf(airlock, 'infected', EICAR);
      const some = ['write', 'answer of clamd', 'rename', 'answer to POST AWSEvents.PutEvents'];
      expect(clean).toEqual(expect.arrayContaining(some));
      const keys = { clean: points('clean', clean), infected: points('infected', infected) };
      await Promise.all([
        ...keys.clean.map((key) => upload(airlock, key, CLEAN)),
        ...keys.infected.map((key) => upload(airlock, key, EICAR)),
      ]);

      // Each death starts a process, which takes its time on a slow machine.
      await until(
        () => new Set(airlock.notices.map(({ object }) => object?.key)),
        (seen) => [...keys.clean, ...keys.infected].every((key) => seen.has(key)),
        { patienceMs: 120_000 },
      );
      for (const key of keys.clean) await expectDelivered(airlock, key, CLEAN);
      for (const key of keys.infected) await expectQuarantined(airlock, key);
      const crashes = (await ingestLog(airlock)).map((line) => line['crash']);
      expect(new Set(crashes.filter(Boolean))).toEqual(new Set([...keys.clean, ...keys.infected]));
      expect([...watch.touched].filter((name) => name.startsWith('infected'))).toEqual([]);
      await until(heard, (found) =>
        [...keys.clean, ...keys.infected].every((key) => found.has(key)),
      );
      await untilQueuesAreEmpty(airlock);
      expect(await takeAll(airlock, airlock.info.queues.deadLetter.url)).toEqual([]);
      // What the killed workers had copied to the landing file system stays there until the sweep, here
      // until the next start; what they had staged went with them.
      expect(await readdir(join(home.path, 'incoming'))).not.toEqual([]);
      expect(await stagedFiles(home.path)).toEqual([]);
    }
    await until(childProcesses, (left) => left.length === 0);
    await using again = await startAirlock(options);
    expect(await readdir(join(home.path, 'incoming'))).toEqual([]);
    expect(again.runtime.resumedCount).toBe(0);
  },
);

/** What lies in the /tmp of any environment. */
async function stagedFiles(home: string): Promise<readonly string[]> {
  const found = await readdir(join(home, 'tmp'), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** The effects that the ingest of such a file has, in order. */
async function effectsOf(
  airlock: Airlock,
  name: string,
  content: Buffer,
): Promise<readonly string[]> {
  const key = tracedKey(name);
  await upload(airlock, key, content);
  const log = await until(
    () => ingestLog(airlock),
    (lines) => lines.some(({ traced }) => traced === key),
  );
  const end = log.findIndex(({ traced }) => traced === key);
  const count = Number(log[end]?.['effectCount']);
  const effects = log.slice(0, end).filter((line) => 'effectCount' in line && !('traced' in line));
  return effects.slice(-count).map(({ effect }) => String(effect));
}

/** One key per point at which a worker may die, and some that it dies on twice. */
function points(name: string, effects: readonly string[]): readonly string[] {
  const once = Array.from({ length: effects.length + 1 }, (_, index) => crashingKey(name, index));
  const last = effects.length;
  return [...once, crashingKey(name, last, last - 1, last - 2)];
}

async function subscribe(
  airlock: Airlock,
): Promise<() => Promise<ReadonlySet<string | undefined>>> {
  const { sns, sqs, info } = airlock;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'subscriber' }));
  const Endpoint = info.queues.ingest.arn.replace(/[^:]*$/, 'subscriber');
  const Attributes = { RawMessageDelivery: 'true' };
  const TopicArn = info.topics.notices.arn;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
  const heard = new Set<string | undefined>();
  return async () => {
    for (const { Body = '' } of await takeAll(airlock, QueueUrl)) {
      heard.add((JSON.parse(Body) as Notice).object?.key);
    }
    return heard;
  };
}

async function untilQueuesAreEmpty({ sqs, info }: Airlock): Promise<void> {
  await until(
    async () => {
      const QueueUrl = info.queues.ingest.url;
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      const { Attributes = {} } = await sqs.send(command);
      return [
        Attributes['ApproximateNumberOfMessages'],
        Attributes['ApproximateNumberOfMessagesNotVisible'],
      ];
    },
    (counts) => counts.every((count) => count === '0'),
  );
}
