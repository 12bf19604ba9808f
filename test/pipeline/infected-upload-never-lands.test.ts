import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirlock, type Airlock } from '../support/airlock.ts';
import { EICAR } from '../support/eicar.ts';
import { encryptedZip } from '../support/encrypted-zip.ts';
import { watchLanding } from '../support/landing-watch.ts';
import { pdfWithChecksum } from '../verdicts/corpus/other-containers.ts';
import { quoted } from '../support/sftp-client.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let airlock: Airlock;
let local: TemporaryDirectory;

beforeAll(async () => {
  [airlock, local] = await Promise.all([startAirlock(), temporaryDirectory()]);
});
afterAll(async () => {
  await airlock?.[Symbol.asyncDispose]();
  await local?.[Symbol.asyncDispose]();
});

async function put(name: string, content: Buffer | string): Promise<void> {
  await writeFile(join(local.path, name), content);
  await airlock.sftp(`put ${quoted(join(local.path, name))} ${quoted(name)}`);
}

/** Settling comes after the notice, so the inbox may hold the version for a moment longer. */
async function expectGoneFromInbox(key: string): Promise<void> {
  await expect.poll(() => airlock.versionsOf(airlock.info.buckets.inbox, key)).toEqual([]);
}

test('a PDF with an infected attachment is quarantined, and the notice names the attachment', async () => {
  using watch = watchLanding(airlock.info.landingRoot);
  await put('report.pdf', pdfWithChecksum(EICAR));
  const notice = await airlock.noticeOf('report.pdf');
  await put('report-harmless.pdf', pdfWithChecksum(Buffer.from('a,b\n1,2\n')));
  await airlock.noticeOf('report-harmless.pdf', 'delivered');

  expect(notice).toMatchObject({
    outcome: 'quarantined',
    signature: expect.stringMatching(/eicar/i),
    member: 'attached',
  });
  await expect.poll(() => watch.touched).toContain('report-harmless.pdf');
  expect(watch.touched).not.toContain('report.pdf');
  await expectGoneFromInbox('report.pdf');
});

test('an infected file is quarantined with its evidence and is never visible', async () => {
  using watch = watchLanding(airlock.info.landingRoot);
  await put('invoice.pdf', EICAR);
  const notice = await airlock.noticeOf('invoice.pdf');
  // A later file in the same tree shows that the watch works.
  await put('harmless.txt', 'harmless');
  await airlock.noticeOf('harmless.txt', 'delivered');

  expect(notice).toMatchObject({
    outcome: 'quarantined',
    signature: expect.stringMatching(/eicar/i),
    partner: 'demo',
  });
  await expect.poll(() => watch.touched).toContain('harmless.txt');
  expect(watch.touched).not.toContain('invoice.pdf');
  const { Body, Metadata } = await airlock.s3.send(
    new GetObjectCommand({ Bucket: airlock.info.buckets.quarantine, Key: 'invoice.pdf' }),
  );
  expect(Buffer.from((await Body?.transformToByteArray()) ?? [])).toEqual(EICAR);
  expect(Metadata).toMatchObject({
    'airlock-verdict': 'infected',
    'airlock-finding': notice.signature,
    'airlock-sha256': notice.sha256,
    'airlock-source-bucket': airlock.info.buckets.inbox,
    'airlock-source-version': notice.object?.versionId,
    'user-agent-id': 'demo@s-local',
  });
  await expectGoneFromInbox('invoice.pdf');
});

test('subscribers can ask for infections alone', async () => {
  const { sns, sqs, info } = airlock;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'security' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: info.topics.notices.arn,
      Protocol: 'sqs',
      Endpoint: info.queues.ingest.arn.replace(/[^:]*$/, 'security'),
      Attributes: {
        FilterPolicy: JSON.stringify({ outcome: ['quarantined'] }),
        RawMessageDelivery: 'true',
      },
    }),
  );

  await put('clean-first.txt', 'clean');
  await airlock.noticeOf('clean-first.txt', 'delivered');
  await put('virus.exe', EICAR);

  const message = await airlock.takeMessage(QueueUrl);
  expect(JSON.parse(message.Body ?? '')).toMatchObject({
    schema: 'airlock.notice/1',
    outcome: 'quarantined',
    object: { key: 'virus.exe' },
  });
});

test('a file that the engine cannot look into is held, not delivered', async () => {
  using watch = watchLanding(airlock.info.landingRoot);
  await put('secret.zip', encryptedZip());

  const notice = await airlock.noticeOf('secret.zip');
  expect(notice).toMatchObject({
    outcome: 'held',
    reason: expect.stringMatching(/^encrypted: an encrypted member/),
  });
  expect(watch.touched).not.toContain('secret.zip');
  expect(await airlock.versionsOf(airlock.info.buckets.quarantine, 'secret.zip')).toHaveLength(1);
  await expectGoneFromInbox('secret.zip');
});

test('an infected upload over a clean one leaves the clean file in place', async () => {
  await put('terms.txt', 'clean terms');
  await airlock.noticeOf('terms.txt', 'delivered');
  using watch = watchLanding(airlock.info.landingRoot);
  await put('terms.txt', EICAR);
  await airlock.noticeOf('terms.txt', 'quarantined');
  await put('after.txt', 'after');
  await airlock.noticeOf('after.txt', 'delivered');

  await expect.poll(() => watch.touched).toContain('after.txt');
  expect(watch.touched).not.toContain('terms.txt');
  await expect
    .poll(() => airlock.versionsOf(airlock.info.buckets.inbox, 'terms.txt'))
    .toHaveLength(1);
});
