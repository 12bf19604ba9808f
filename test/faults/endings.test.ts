import { readFile } from 'node:fs/promises';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '../../shared/notify/notice.ts';
import { EICAR } from '../support/eicar.ts';
import type { Fault } from '../support/fault-proxy.ts';
import {
  expectDelivered,
  expectQuarantined,
  type FaultyAirlock,
  startFaultyAirlock,
  untilRetried,
  upload,
} from '../support/faulty-airlock.ts';
import { watchLanding, type LandingWatch } from '../support/landing-watch.ts';
import { until } from '../support/until.ts';

let airlock: FaultyAirlock;
let watch: LandingWatch;
let subscription: string;

beforeAll(async () => {
  airlock = await startFaultyAirlock();
  watch = watchLanding(airlock.info.landingRoot);
  subscription = await subscribe();
});
afterAll(async () => {
  watch?.[Symbol.dispose]();
  await airlock?.[Symbol.asyncDispose]();
});

const UNAVAILABLE: Fault = { kind: 'answer', status: 503 };

describe.concurrent('notices', () => {
  test('while SNS fails an ending is announced again and again, until a subscriber has it', async () => {
    {
      using _ = airlock.proxy.inject('PublishBatch', 'sns-down', UNAVAILABLE);
      await upload(airlock, 'sns-down', 'content');
      await untilRetried(airlock, 'sns-down', 'NOTICE_FAILED', /SNS/);
    }
    await expectDelivered(airlock, 'sns-down', 'content');
    await until(subscribersNotices, (keys) => keys.has('sns-down'));
  });

  test('while EventBridge fails nothing is settled, and then the bus has the ending too', async () => {
    {
      using _ = airlock.proxy.inject('PutEvents', 'bus-down', UNAVAILABLE);
      await upload(airlock, 'bus-down', 'content');
      await untilRetried(airlock, 'bus-down', 'NOTICE_FAILED', /EventBridge/);
      expect(await airlock.tagsOf('bus-down')).toEqual({});
      expect(airlock.notices.some(({ object }) => object?.key === 'bus-down')).toBe(false);
    }
    await expectDelivered(airlock, 'bus-down', 'content');
  });

  test('an entry that EventBridge refuses in an answer of success counts as a failure', async () => {
    const body = JSON.stringify({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'not now' }],
    });
    {
      using _ = airlock.proxy.inject('PutEvents', 'refused', { kind: 'answer', status: 200, body });
      await upload(airlock, 'refused', 'content');
      await untilRetried(airlock, 'refused', 'NOTICE_FAILED', /InternalFailure: not now/);
    }
    await expectDelivered(airlock, 'refused', 'content');
  });
});

describe.concurrent('the ledger', () => {
  test('while tags cannot be written a delivered file stays, and is settled later', async () => {
    {
      using _ = airlock.proxy.inject('PutObjectTagging', 'untagged', UNAVAILABLE);
      await upload(airlock, 'untagged', 'content');
      await untilRetried(airlock, 'untagged', 'SETTLE_FAILED');
      expect(await readFile(airlock.landed('untagged'), 'utf8')).toBe('content');
    }
    await expectDelivered(airlock, 'untagged', 'content');
  });

  test('while an infected object cannot be removed from the inbox it does not land', async () => {
    {
      using _ = airlock.proxy.inject('DeleteObject', 'undeletable', UNAVAILABLE);
      await upload(airlock, 'undeletable', EICAR);
      await untilRetried(airlock, 'undeletable', 'SETTLE_FAILED');
    }
    await expectQuarantined(airlock, 'undeletable');
    expect(watch.touched).not.toContain('undeletable');
  });
});

describe.concurrent('the quarantine', () => {
  const REFUSALS: readonly (readonly [string, Fault])[] = [
    ['fails', UNAVAILABLE],
    [
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
      'fails after it answered 200',
      {
        kind: 'answer',
        status: 200,
        body: '<Error><Code>InternalError</Code><Message>We failed</Message></Error>',
      },
    ],
  ];
  for (const [index, [how, fault]] of REFUSALS.entries()) {
    test(`while the copy to quarantine ${how}, an infected object stays in the inbox`, async () => {
      const key = `uncopied-${index}`;
      {
        using _ = airlock.proxy.inject('CopyObject', key, fault);
        await upload(airlock, key, EICAR);
        await untilRetried(airlock, key, 'QUARANTINE_UNAVAILABLE');
        expect(await airlock.versionsOf(airlock.info.buckets.inbox, key)).toHaveLength(1);
        expect(airlock.notices.some(({ object }) => object?.key === key)).toBe(false);
      }
      await expectQuarantined(airlock, key);
      expect(watch.touched).not.toContain(key);
    });
  }
});

async function subscribe(): Promise<string> {
  const { sns, sqs, info } = airlock;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'subscriber' }));
  const Endpoint = info.queues.ingest.arn.replace(/[^:]*$/, 'subscriber');
  const Attributes = { RawMessageDelivery: 'true' };
  const TopicArn = info.topics.notices.arn;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
  return QueueUrl;
}

const heard = new Set<string | undefined>();

async function subscribersNotices(): Promise<ReadonlySet<string | undefined>> {
  const message = await airlock.takeMessage(subscription);
  heard.add((JSON.parse(message.Body ?? '') as Notice).object?.key);
  return heard;
}
