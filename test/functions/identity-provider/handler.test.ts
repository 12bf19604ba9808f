import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FunctionPool } from '../../../local/lambda/function-pool.ts';
import { openLogFile } from '../../../local/log-file.ts';
import { hashPassword } from '../../../shared/identity/partner/password.ts';
import { openS3, type S3UnderTest } from '../../contract/s3/support.ts';
import { startIdentityProvider } from '../../support/identity-provider.ts';
import { aKeyPair, aLogin, aPartner } from '../../support/partners.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const SECRET = 'a password nobody guesses';
const { publicKey } = aKeyPair();

const parts = new AsyncDisposableStack();
let s3: S3UnderTest;
let fn: FunctionPool;
let logFile: string;

beforeAll(async () => {
  s3 = parts.use(await openS3());
  const configBucket = await s3.bucket({ versioned: true });
  const partner = aPartner({
    password: await hashPassword(SECRET),
    publicKeys: [{ key: publicKey, comment: 'laptop' }],
    allowedNetworks: ['192.0.2.0/24'],
  });
  for (const [name, Body] of [
    ['acme', JSON.stringify(partner)],
    ['disabled', JSON.stringify({ ...partner, name: 'disabled', enabled: false })],
    ['broken', '{'],
  ] as const) {
    await s3.client.send(
      new PutObjectCommand({ Bucket: configBucket, Key: `partners/${name}.json`, Body }),
    );
  }
  logFile = join(parts.use(await temporaryDirectory()).path, 'function.log');
  const log = parts.use(await openLogFile({ path: logFile, onTrouble: () => {} }));
  fn = parts.use(await startIdentityProvider(s3.endpoint, configBucket, log.writeFrom));
});
afterAll(() => parts.disposeAsync());

test('the right password gives access to the landing folder, with a role and a session policy', async () => {
  expect(await fn.invoke(aLogin({ password: SECRET }))).toEqual({
    Role: expect.stringMatching(/^arn:aws:iam::123456789012:role\//),
    Policy: expect.stringContaining('airlock-inbox-bucket/${transfer:UserName}/*'),
    HomeDirectoryType: 'LOGICAL',
    HomeDirectoryDetails: '[{"Entry":"/","Target":"/airlock-inbox-bucket/acme"}]',
  });
});

test('without a password the answer has the keys, for the server to compare', async () => {
  const { password: _, ...event } = aLogin();
  for (const request of [event, aLogin()]) {
    expect(await fn.invoke(request)).toMatchObject({ PublicKeys: [publicKey] });
  }
});

test.each([
  ['a wrong password', aLogin({ password: 'guess' })],
  ['a stranger', aLogin({ username: 'nobody', password: 'guess' })],
  ['a stranger with a key', aLogin({ username: 'nobody' })],
  ['a foreign network', aLogin({ password: SECRET, sourceIp: '198.51.100.7' })],
  ['another protocol', aLogin({ password: SECRET, protocol: 'FTP' })],
  ['a name that climbs', aLogin({ username: '../acme', password: SECRET })],
  ['a broken document', aLogin({ username: 'broken', password: SECRET })],
  ['no event of Transfer', { username: 'acme', password: SECRET }],
  ['nothing', null],
])('%s is answered with nothing', async (_name, event) => {
  expect(await fn.invoke(event)).toEqual({});
});

test('a right password of a disabled partner, or from elsewhere, is denied as slowly as a wrong one', async () => {
  const secret = { password: SECRET };
  // An address for each row, since guesses from one address are limited.
  const kinds = [
    aLogin({ ...secret, username: 'disabled', sourceIp: '192.0.2.1' }),
    aLogin({ ...secret, sourceIp: '198.51.100.1' }),
    aLogin({ password: 'guess', sourceIp: '192.0.2.3' }),
    aLogin({ ...secret, username: 'nobody', sourceIp: '192.0.2.4' }),
  ];
  // The partner itself is let in, and its password remembered.
  expect(await fn.invoke(aLogin(secret))).toHaveProperty('Role');
  const tookMs = kinds.map((): number[] => []);
  // By turns, so that a slow moment of the machine meets them all.
  for (let round = 0; round < 7; round++) {
    for (const [index, login] of kinds.entries()) {
      const startedAt = performance.now();
      expect(await fn.invoke(login)).toEqual({});
      tookMs[index]?.push(performance.now() - startedAt);
    }
  }
  const medians = tookMs.map((times) => times.toSorted((a, b) => a - b)[3] ?? 0);
  // A password that is not checked is answered a hundred times faster.
  expect(Math.min(...medians)).toBeGreaterThan(Math.max(...medians) / 3);
});

test('the log has every denial with its reason, and no secret', async () => {
  await fn.invoke(aLogin({ username: 'last-one', password: 'guess-for-the-log' }));
  const log = await until(
    () => readFile(logFile, 'utf8'),
    (text) => text.includes('last-one'),
  );
  const reasons = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).reason);
  expect(reasons).toEqual(
    expect.arrayContaining([
      'wrong-password',
      'unknown-partner',
      'network',
      'protocol',
      'invalid-document',
      'malformed-request',
    ]),
  );
  for (const secret of [SECRET, 'guess-for-the-log']) expect(log).not.toContain(secret);
});
