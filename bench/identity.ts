/**
 * Response times of the warm identity provider, invoked as by Lambda, with its partners on the S3 stand-in.
 * `node bench/identity.ts [logins per row, default 200]`
 */
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { openLogFile } from '../local/log-file.ts';
import type { Partner } from '../shared/identity/partner/partner.ts';
import { hashPassword } from '../shared/identity/partner/password.ts';
import type { LoginRequest } from '../shared/identity/login/transfer-login.ts';
import { openS3 } from '../test/contract/s3/support.ts';
import { startIdentityProvider } from '../test/support/identity-provider.ts';
import { aKeyPair, aLogin, aPartner } from '../test/support/partners.ts';
import { temporaryDirectory } from '../test/support/temporary-directory.ts';

/** Limit for the warm paths. */
const BUDGET_MS = 50;
const PASSWORD = 'correct horse battery staple';
/** Logins per row with a password hash, which takes 100 ms and more by design. */
const COSTLY_COUNT = 20;

const count = Number(process.argv[2] ?? 200);
await using s3 = await openS3();
await using directory = await temporaryDirectory();
const path = join(directory.path, 'function.log');
await using log = await openLogFile({ path, onTrouble: console.error });
const bucket = await s3.bucket({ versioned: true });
const password = await hashPassword(PASSWORD);
const publicKeys = [{ key: aKeyPair().publicKey, comment: '' }];
const names = Array.from({ length: count }, (_, index) => `partner-${index}`);
for (const name of names) await put(aPartner({ name, password, publicKeys }));
await using fn = await startIdentityProvider(s3.endpoint, bucket, log.writeFrom);
await fn.warmUp();

const known = aLogin({ username: 'partner-0' });
console.log(`\n${'ms'.padEnd(46)}  median     p95`);
const rows = [
  await row('key, document cached', count, () => known),
  await row('key, document not cached', count - 1, (index) =>
    aLogin({ username: `partner-${index + 1}` }),
  ),
  await row('password, check cached', count, () => ({ ...known, password: PASSWORD })),
];
await row('password, the first time', COSTLY_COUNT, (index) =>
  aLogin({ username: `partner-${index + 1}`, password: PASSWORD }),
);
const wrong = await row('wrong password of a partner', COSTLY_COUNT, () => ({
  ...known,
  password: 'wrong',
}));
const unknown = await row('password, unknown user', COSTLY_COUNT, () =>
  aLogin({ username: 'nobody', password: 'wrong' }),
);

const slowest = Math.max(...rows);
console.log(`\nwarm: ${slowest.toFixed(1)} ms at the median at most; budget ${BUDGET_MS} ms`);
console.log(`wrong password / unknown user: ${(wrong / unknown).toFixed(2)}`);
if (slowest > BUDGET_MS) process.exitCode = 1;

async function put(partner: Partner): Promise<void> {
  const Key = `partners/${partner.name}.json`;
  await s3.client.send(
    new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify(partner) }),
  );
}

/** Logs in sequentially, prints the row, and returns the median. The first login does not count. */
async function row(
  what: string,
  times: number,
  request: (index: number) => LoginRequest,
): Promise<number> {
  await fn.invoke(request(0));
  const tookMs: number[] = [];
  for (let index = 0; index < times; index++) {
    const startedAt = performance.now();
    await fn.invoke(request(index));
    tookMs.push(performance.now() - startedAt);
  }
  tookMs.sort((a, b) => a - b);
  const [median = 0, p95 = 0] = [0.5, 0.95].map(
    (share) => tookMs[Math.floor(tookMs.length * share)],
  );
  console.log(
    `${what.padEnd(42)}  ${median.toFixed(2).padStart(10)}  ${p95.toFixed(2).padStart(6)}`,
  );
  return median;
}
