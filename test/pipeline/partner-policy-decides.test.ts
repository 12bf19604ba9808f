import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { PartnerPolicy } from '../../shared/model/partner-policy.ts';
import { type Airlock, attributesOf, startAirlock } from '../support/airlock.ts';
import { encryptedZip } from '../support/encrypted-zip.ts';
import { quoted } from '../support/sftp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Rewrites the policy in the demo partner's document, as an operator would. */
async function setPolicy({ s3, info }: Airlock, policy: PartnerPolicy): Promise<void> {
  const place = { Bucket: info.resources['ConfigBucket'], Key: 'partners/demo.json' };
  const { Body } = await s3.send(new GetObjectCommand(place));
  const partner = JSON.parse((await Body?.transformToString()) ?? '');
  await s3.send(new PutObjectCommand({ ...place, Body: JSON.stringify({ ...partner, policy }) }));
}

test("a file that the partner's policy does not admit is refused with the reason, and delivered once the policy admits it", async () => {
  await using home = await temporaryDirectory();
  await using local = await temporaryDirectory();
  const file = join(local.path, 'tool.exe');
  await writeFile(file, 'a tool');
  let body: string | undefined;
  {
    await using airlock = await startAirlock({ home: home.path });
    await setPolicy(airlock, { unscannable: {}, refusedExtensions: ['.exe'] });
    await airlock.sftp(`put ${quoted(file)} TOOL.EXE`);
    const notice = await airlock.noticeOf('TOOL.EXE');
    expect(notice).toMatchObject({ outcome: 'refused', code: 'POLICY_REFUSED' });
    expect(notice.reason).toContain('.exe');
    const letter = await airlock.takeMessage(airlock.info.queues.deadLetter.url);
    expect(attributesOf(letter)).toMatchObject({ ErrorCode: 'POLICY_REFUSED', Partner: 'demo' });
    body = letter.Body;
    await setPolicy(airlock, { unscannable: {} });
  }
  await using again = await startAirlock({ home: home.path });
  // A start leaves dead letters where they are; an operator redrives them.
  const QueueUrl = again.info.queues.ingest.url;
  await again.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  expect(await again.noticeOf('TOOL.EXE')).toMatchObject({ outcome: 'delivered' });
  expect(await readFile(again.landed('TOOL.EXE'), 'utf8')).toBe('a tool');
});

test("an encrypted archive is delivered where the partner's policy wants it, marked as not scanned", async () => {
  await using local = await temporaryDirectory();
  await using airlock = await startAirlock();
  await setPolicy(airlock, { unscannable: { encrypted: 'deliver' } });
  const file = join(local.path, 'secret.zip');
  await writeFile(file, encryptedZip());
  await airlock.sftp(`put ${quoted(file)} secret.zip`);
  const notice = await airlock.noticeOf('secret.zip');
  expect(notice).toMatchObject({
    outcome: 'delivered',
    unscanned: expect.stringMatching(/^encrypted: /),
  });
  await expect
    .poll(() => airlock.tagsOf('secret.zip'))
    .toMatchObject({ 'scan-status': 'unscanned' });
});
