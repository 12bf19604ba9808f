import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '../../shared/notify/notice.ts';
import type { Fault } from '../support/fault-proxy.ts';
import {
  expectDelivered,
  type FaultyAirlock,
  startFaultyAirlock,
  untilRetried,
  upload,
} from '../support/faulty-airlock.ts';
import { until } from '../support/until.ts';

let airlock: FaultyAirlock;

beforeAll(async () => {
  // The deadline is 5 seconds before the timeout.
  airlock = await startFaultyAirlock({ parameters: { IngestTimeoutS: 8 } });
});
afterAll(async () => {
  await airlock?.[Symbol.asyncDispose]();
});

const content = randomBytes(300_000);

/** While the fault lasts nothing lands and the reason is logged; once it is over, the file is delivered. */
async function expectToHeal(
  key: string,
  operation: string,
  fault: Fault,
  ...expected: [code: Parameters<typeof untilRetried>[2], reason?: RegExp]
): Promise<void> {
  {
    using injected = airlock.proxy.inject(operation, key, fault);
    await upload(airlock, key, content);
    await untilRetried(airlock, key, ...expected);
    expect(injected.count).toBeGreaterThan(0);
    await expect(access(airlock.landed(key))).rejects.toThrow('ENOENT');
  }
  await expectDelivered(airlock, key, content);
}

describe.concurrent('the inbox', () => {
  for (const status of [500, 503]) {
    test(`an inbox that answers ${status} delays a file until it answers again`, async () => {
      const fault: Fault = { kind: 'answer', status };
      await expectToHeal(`status-${status}`, 'GetObject', fault, 'SOURCE_UNAVAILABLE');
    });
  }

  test('an inbox that resets connections delays a file', async () => {
    await expectToHeal('reset', 'GetObject', { kind: 'reset' }, 'SOURCE_UNAVAILABLE');
  });

  test('an inbox that refuses to be read delays a file, with the refusal as the reason', async () => {
    const body = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
    const fault: Fault = { kind: 'answer', status: 403, body };
    await expectToHeal('denied', 'GetObject', fault, 'SOURCE_UNAVAILABLE', /AccessDenied/);
  });

  test('a body that stalls is given up at the deadline, and read again', async () => {
    const fault: Fault = { kind: 'stall', afterBytes: 100_000 };
    await expectToHeal('stalled', 'GetObject', fault, 'DEADLINE_NEAR');
  });

  test('a body that breaks off in the middle is read again', async () => {
    const fault: Fault = { kind: 'cut', afterBytes: 100_000 };
    await expectToHeal('cut', 'GetObject', fault, 'SOURCE_TRUNCATED');
  });

  test('a body with one wrong bit does not land, and is read again', async () => {
    const fault: Fault = { kind: 'corrupt' };
    await expectToHeal('corrupted', 'GetObject', fault, 'SOURCE_TRUNCATED', /checksum/i);
  });

  test('a hiccup of the inbox is not even noticed', async () => {
    using injected = airlock.proxy.inject(
      'GetObject',
      'hiccup',
      { kind: 'answer', status: 503 },
      1,
    );
    await upload(airlock, 'hiccup', content);
    await expectDelivered(airlock, 'hiccup', content);
    expect(injected.count).toBe(1);
  });

  test('an object that is replaced between its event and the read does not stay on top of the new one', async () => {
    const replace = { kind: 'meanwhile', run: () => upload(airlock, 'replaced', 'new') } as const;
    using injected = airlock.proxy.inject('GetObject', 'replaced', replace, 1);
    await upload(airlock, 'replaced', 'old');

    // Each of the two uploads has an ending of its own.
    const endings = (): Set<string | undefined> =>
      new Set(airlock.notices.filter(isAbout('replaced')).map(({ object }) => object?.versionId));
    await until(endings, ({ size }) => size === 2);
    await until(
      () => readFile(airlock.landed('replaced'), 'utf8'),
      (landed) => landed === 'new',
    );
    expect(injected.count).toBe(1);
  });

  test('an object that is deleted between its event and the read ends as superseded', async () => {
    const run = (): Promise<unknown> =>
      airlock.s3.send(
        new DeleteObjectCommand({ Bucket: airlock.info.buckets.inbox, Key: 'deleted' }),
      );
    using _ = airlock.proxy.inject('GetObject', 'deleted', { kind: 'meanwhile', run }, 1);
    await upload(airlock, 'deleted', content);

    const { reason } = await airlock.noticeOf('deleted');
    expect(reason).toBe('by a deletion');
    await expect(readFile(airlock.landed('deleted'))).rejects.toThrow('ENOENT');
  });

  test('an inbox that does not say which upload is the newest delays a file', async () => {
    const fault: Fault = { kind: 'answer', status: 500 };
    await expectToHeal('unsure', 'HeadObject', fault, 'SOURCE_UNAVAILABLE');
  });
});

function isAbout(key: string): (notice: Notice) => boolean {
  return (notice) => notice.object?.key === key;
}
