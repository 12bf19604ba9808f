import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { attributesOf } from '../support/airlock.ts';
import { anArrival } from '../support/builders.ts';
import {
  expectDelivered,
  type FaultyAirlock,
  logOf,
  says,
  startFaultyAirlock,
  untilRetried,
  upload,
} from '../support/faulty-airlock.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { until } from '../support/until.ts';

const UNAVAILABLE: Fault = { kind: 'answer', status: 503 };
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const LARGEST_BYTES = 1_048_576;

describe('a message that never was an event of ours', () => {
  let airlock: FaultyAirlock;

  beforeAll(async () => {
    airlock = await startFaultyAirlock({ parameters: { MaxReceiveCount: 3 } });
  });
  afterAll(async () => {
    await airlock?.[Symbol.asyncDispose]();
  });

  const event = encodeArrival(anArrival());
  // Two bytes a character: a cut must not split one.
  const huge = 'ü'.repeat(LARGEST_BYTES / 2);
  test.each([
    ['malformed', 'hello', 'EVENT_MALFORMED', /not JSON/],
    ['truncated', event.slice(0, -20), 'EVENT_MALFORMED', /not JSON/],
    ['an event of another kind', '{"source":"aws.ec2"}', 'EVENT_MALFORMED', /source/],
    ['about a foreign bucket', event, 'EVENT_FOREIGN', /inbox/],
    ['256 kB of text', huge.slice(0, 131_072), 'EVENT_MALFORMED', /not JSON/],
    ['a text as large as SQS takes', huge, 'EVENT_MALFORMED', /not JSON/],
    [
      'a field as large as SQS takes',
      `{"source":"${huge.slice(20)}"}`,
      'EVENT_MALFORMED',
      /^not an S3 "Object Created" event \(source: /,
    ],
  ])('%s is dead-lettered at once, with its reason', async (_name, body, code, reason) => {
    const { sqs, info } = airlock;
    const QueueUrl = info.queues.ingest.url;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));

    const letter = await airlock.takeMessage(info.queues.deadLetter.url);
    expect(attributesOf(letter)).toMatchObject({
      ErrorCode: code,
      ErrorMessage: expect.stringMatching(reason),
      ReceiveCount: '1',
    });
    expect(body.startsWith(letter.Body ?? 'nothing')).toBe(true);
    const lostBytes = Buffer.byteLength(body) - Buffer.byteLength(letter.Body ?? '');
    expect(lostBytes).toBeLessThan(Buffer.byteLength(body) > LARGEST_BYTES - 2000 ? 3000 : 1);
    await until(
      () => airlock.notices,
      (notices) => notices.some((notice) => notice.outcome === 'refused' && notice.code === code),
    );
  });
});

describe.concurrent('the queue', () => {
  let airlock: FaultyAirlock;

  beforeAll(async () => {
    airlock = await startFaultyAirlock({ parameters: { MaxReceiveCount: 3 } });
  });
  afterAll(async () => {
    await airlock?.[Symbol.asyncDispose]();
  });

  test('a message that cannot be hidden comes back after its visibility timeout', async () => {
    const { proxy } = airlock;
    {
      using _ = proxy.inject('GetObject', 'unhidden', UNAVAILABLE);
      using hiding = proxy.inject('ChangeMessageVisibility', '', UNAVAILABLE);
      await upload(airlock, 'unhidden', 'content');
      await untilLeftToSqs('unhidden', 'SOURCE_UNAVAILABLE');
      expect(hiding.count).toBeGreaterThan(0);
    }
    await expectDelivered(airlock, 'unhidden', 'content');
  });

  test('a message that cannot be dead-lettered stays, and is dead-lettered later', async () => {
    {
      using _ = airlock.proxy.inject('SendMessage', '../unsafe', UNAVAILABLE);
      await upload(airlock, '../unsafe', 'content');
      await untilLeftToSqs('../unsafe', 'KEY_UNSAFE');
    }
    const letter = await airlock.letterAbout('../unsafe');
    expect(attributesOf(letter)).toMatchObject({
      ErrorCode: 'KEY_UNSAFE',
      ReceiveCount: expect.stringMatching(/^[23]$/) as unknown,
    });
  });

  test('a message that SQS moved away itself has no reason, and is known by that', async () => {
    using _ = airlock.proxy.inject('SendMessage', '../moved', UNAVAILABLE);
    await upload(airlock, '../moved', 'content');

    const letter = await airlock.letterAbout('../moved');
    expect(attributesOf(letter)).not.toHaveProperty('ErrorCode');
    expect(letter.Body).toContain('"../moved"');
    // The log has the reason, and subscribers have the notice.
    await untilLeftToSqs('../moved', 'KEY_UNSAFE');
    await airlock.noticeOf('../moved', 'refused');
  });

  test('a fault that lasts ends in the dead-letter queue with the last reason and all tries counted', async () => {
    using _ = airlock.proxy.inject('GetObject', 'never', UNAVAILABLE);
    await upload(airlock, 'never', 'content');
    await untilRetried(airlock, 'never', 'SOURCE_UNAVAILABLE');

    const letter = await airlock.letterAbout('never');
    expect(attributesOf(letter)).toMatchObject({
      ErrorCode: 'SOURCE_UNAVAILABLE',
      Key: 'never',
      ReceiveCount: '3',
    });
    await airlock.noticeOf('never', 'refused');
  });

  async function untilLeftToSqs(key: string, code: string): Promise<void> {
    await until(
      () => logOf(airlock, key),
      (lines) => lines.some((line) => says(line, 'message left to SQS') && line['code'] === code),
    );
  }
});

describe('the sender', () => {
  let airlock: FaultyAirlock;

  beforeAll(async () => {
    airlock = await startFaultyAirlock();
  });
  afterAll(async () => {
    await airlock?.[Symbol.asyncDispose]();
  });

  test('an object with ten tags of its sender has no room for ours and is dead-lettered', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => `tag-${index}=value`).join('&');
    await upload(airlock, 'tagged', 'content', { Tagging: tags });

    const letter = await airlock.takeMessage(airlock.info.queues.deadLetter.url);
    expect(attributesOf(letter)).toMatchObject({ ErrorCode: 'TAGS_FULL', Key: 'tagged' });
    await airlock.noticeOf('tagged', 'refused');
    expect(Object.keys(await airlock.tagsOf('tagged'))).toHaveLength(10);
  });

  test('an object with nine tags of its sender is delivered and keeps them', async () => {
    const tags = Array.from({ length: 9 }, (_, index) => `tag-${index}=value`).join('&');
    await upload(airlock, 'room', 'content', { Tagging: tags });
    await airlock.noticeOf('room', 'delivered');
    const found = await until(
      () => airlock.tagsOf('room'),
      (all) => Object.keys(all).length === 10,
    );
    expect(found).toMatchObject({ 'tag-0': 'value', 'tag-8': 'value' });
  });
});
