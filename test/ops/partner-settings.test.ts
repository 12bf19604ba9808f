import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { runPartnerCommand } from '../support/partner-command.ts';

let airlock: Installation;
beforeAll(async () => {
  airlock = await startInstallation();
});
afterAll(() => airlock[Symbol.asyncDispose]());

/** Runs `partner ...`, which must succeed. */
async function partner(words: string): Promise<void> {
  const { code, stderr } = await runPartnerCommand(airlock.home, words.split(' '));
  expect([code, stderr]).toEqual([0, stderr]);
}

async function stored(name: string): Promise<Partner> {
  const { Body } = await airlock.s3.send(
    new GetObjectCommand({ Bucket: airlock.configBucket, Key: `partners/${name}.json` }),
  );
  return JSON.parse((await Body?.transformToString()) ?? '');
}

test('every setting can be unset, and is then as `add` makes it', async () => {
  await partner('add unset-me');
  const before = await stored('unset-me');
  const settings: Record<string, string> = {
    'display-name': 'Somebody',
    network: '192.0.2.0/24',
    protocol: 'SFTP',
    space: 'shared',
    prefix: 'elsewhere',
    'home-directory': '/in=/${inbox}/unset-me',
    'home-path': '/${inbox}/unset-me/in',
    deliver: 'encrypted',
    'max-size': '10MB',
    allow: '.csv',
    refuse: '.exe',
    contact: 'Ada',
  };
  for (const [setting, value] of Object.entries(settings)) {
    await partner(`change unset-me --${setting} ${value}`);
    expect(await stored('unset-me')).not.toEqual(before);
    await partner(`change unset-me --unset ${setting}`);
    expect(await stored('unset-me')).toEqual(before);
  }
});

test('sizes take units: MB is decimal, MiB binary', async () => {
  await partner('add sized --max-size 10MB');
  expect((await stored('sized')).policy.maxSizeBytes).toBe(10_000_000);
  await partner('change sized --max-size 1.5GiB');
  expect((await stored('sized')).policy.maxSizeBytes).toBe(1_610_612_736);
});
