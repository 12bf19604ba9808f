import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { ClientChannel } from 'ssh2';
import { describe, expect } from 'vitest';
import { createAuthenticator, type IdentityRequest } from '../../gateway/ssh/authenticate.ts';
import { listedPartners, type ListedPartner } from '../support/listed-partners.ts';
import { sessionPolicyOf } from '../../shared/identity/session/session-policy.ts';
import { aPartner, loginSettings } from '../support/partners.ts';
import { connectSftp, type SftpConnection } from '../support/sftp-client.ts';
import { sharedGatewayTest } from './gateway-test.ts';
import { BUCKET } from './open-gateway.ts';

const ARCHIVE = 'archive';

/** What the identity provider answers for a tenant. */
function tenantPolicy(name: string): object {
  const partner = aPartner({ name, landingPrefix: `${name}/` });
  return JSON.parse(sessionPolicyOf(partner, { ...loginSettings, inboxBucket: BUCKET }));
}

const PARTNERS: readonly ListedPartner[] = [
  {
    username: 'acme',
    password: 'a secret',
    homes: { '/': `/${BUCKET}/acme` },
    policy: tenantPolicy('acme'),
  },
  {
    username: 'wide-home',
    password: 'a secret',
    homes: { '/': `/${BUCKET}` },
    policy: tenantPolicy('wide-home'),
  },
  {
    username: 'several',
    password: 'a secret',
    homes: { '/in': `/${BUCKET}/several`, '/out/reports': `/${ARCHIVE}/reports` },
  },
  {
    username: 'drop-box',
    password: 'a secret',
    homes: { '/': `/${BUCKET}/drop` },
    policy: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/drop/*` },
      ],
    },
  },
  {
    username: 'real-paths',
    password: 'a secret',
    homes: {},
    homePath: `/${BUCKET}/partners/real-paths`,
    policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 's3:*',
          Resource: `arn:aws:s3:::${BUCKET}/partners/real-paths/*`,
        },
        { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${ARCHIVE}/reports/*` },
        {
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: `arn:aws:s3:::${BUCKET}`,
          Condition: { StringLike: { 's3:prefix': 'partners/real-paths/*' } },
        },
      ],
    },
  },
  {
    username: 'only-sftp',
    password: 'a secret',
    homes: { '/': `/${BUCKET}` },
    protocols: ['SFTP'],
  },
  { username: 'only-scp', password: 'a secret', homes: { '/': `/${BUCKET}` }, protocols: ['SCP'] },
];

const asked: IdentityRequest[] = [];

const test = sharedGatewayTest
  .override('options', {
    authenticate: createAuthenticator({
      identify: listedPartners(PARTNERS, asked),
      serverId: 's-local',
      protocols: ['SFTP', 'SCP'],
    }),
  })
  .extend('connectAs', { scope: 'file' }, ({ gateway }) => {
    return (username: string) => connectSftp(gateway.server, { username, password: 'a secret' });
  });

test.beforeAll(async ({ gateway }) => {
  await gateway.s3.send(new CreateBucketCommand({ Bucket: ARCHIVE }));
  await gateway.s3.send(
    new PutObjectCommand({ Bucket: ARCHIVE, Key: 'reports/2026.csv', Body: 'report' }),
  );
  await gateway.s3.send(new PutObjectCommand({ Bucket: ARCHIVE, Key: 'secret', Body: 'archived' }));
  await gateway.put('secret', 'of the operator');
  await gateway.put('acme2/secret', 'of another');
  await gateway.put('acme/own', 'mine');
  await gateway.put('wide-home/own', 'mine');
});

async function namesIn({ ask, sftp }: SftpConnection, path: string): Promise<string[]> {
  const entries = await ask<Array<{ filename: string }>>((done) => sftp.readdir(path, done));
  return entries.map(({ filename }) => filename).filter((name) => name !== '.' && name !== '..');
}

/** Path traversals known from other servers. */
const HOSTILE_PATHS = [
  '../secret',
  '/../secret',
  'a/../../secret',
  './/..//..//secret',
  '/acme/../../secret',
  '..\\secret',
  '%2e%2e/secret',
  '..%2fsecret',
  '\u2025/secret',
  '．．/secret',
  '..／secret',
  '2/secret',
  '../acme2/secret',
  '//inbox/secret',
  '/inbox/secret',
  'arn:aws:s3:::inbox/secret',
  `/${'../'.repeat(100)}secret`,
];

function ownKey(username: string, key: string): boolean {
  return key.startsWith(`${username}/`) || key.startsWith(`partners/${username}/`);
}

describe.each(['acme', 'wide-home', 'real-paths'])('a tenant (%s)', (username) => {
  // Among real paths `/secret` is a bucket, and a folder whether it exists or not.
  const refusal =
    username === 'real-paths'
      ? /no such file|permission denied|secret is a folder/
      : /no such file|permission denied/;
  test.for(HOSTILE_PATHS)('cannot read files of others by %j', async (path, { connectAs }) => {
    await using partner = await connectAs(username);
    const { ask, sftp } = partner;
    const read = ask<Buffer>((done) => sftp.readFile(path, done));
    await expect(read).rejects.toThrow(refusal);
  });

  test.for(HOSTILE_PATHS)(
    'cannot write or remove files of others by %j',
    async (path, { gateway, connectAs }) => {
      await using partner = await connectAs(username);
      const { ask, sftp } = partner;
      const before = (await gateway.keys()).filter((key) => !ownKey(username, key));
      await ask((done) => sftp.writeFile(path, 'overwritten', done)).catch(() => {});
      await ask((done) => sftp.rename(`/${username}/own`, path, done)).catch(() => {});
      await ask((done) => sftp.unlink(path, done)).catch(() => {});
      await ask((done) => sftp.mkdir(path, done)).catch(() => {});
      await ask((done) => sftp.rmdir(path, done)).catch(() => {});
      await ask((done) => sftp.symlink(path, 'link', done)).catch(() => {});
      const after = (await gateway.keys()).filter((key) => !ownKey(username, key));
      expect(after).toEqual(before);
      expect(await gateway.object('secret')).toEqual(Buffer.from('of the operator'));
      expect(await gateway.object('acme2/secret')).toEqual(Buffer.from('of another'));
    },
  );
});

test('a policy narrower than the home is enforced, also in listings', async ({
  gateway,
  connectAs,
}) => {
  await using partner = await connectAs('wide-home');
  await expect(namesIn(partner, '/')).rejects.toThrow('permission denied');
  expect(await namesIn(partner, '/wide-home')).toContain('own');
  const { ask, sftp } = partner;
  await expect(ask((done) => sftp.readFile('/secret', done))).rejects.toThrow('permission denied');
  await gateway.logged('access refused', { username: 'wide-home', path: '/secret' });
  await ask((done) => sftp.writeFile('/wide-home/new', 'x', done));
  expect(await gateway.object('wide-home/new')).toEqual(Buffer.from('x'));
});

test('several homes are one tree, with virtual folders above them', async ({
  gateway,
  connectAs,
}) => {
  await using partner = await connectAs('several');
  const { ask, sftp } = partner;
  expect(await namesIn(partner, '/')).toEqual(['in', 'out']);
  expect(await namesIn(partner, '/out')).toEqual(['reports']);
  expect(await namesIn(partner, '/out/reports')).toEqual(['2026.csv']);
  expect(await namesIn(partner, '/in')).toEqual([]);
  await ask((done) => sftp.writeFile('/in/new', 'x', done));
  expect(await gateway.object('several/new')).toEqual(Buffer.from('x'));
  const stats = await ask<{ isDirectory(): boolean }>((done) => sftp.stat('/out', done));
  expect(stats.isDirectory()).toBe(true);
  for (const path of ['/new', '/out/new']) {
    await expect(ask((done) => sftp.writeFile(path, 'x', done))).rejects.toThrow('no such file');
  }
  for (const path of ['/in', '/out', '/out/reports']) {
    await expect(ask((done) => sftp.rmdir(path, done))).rejects.toThrow(/removed/);
    await expect(ask((done) => sftp.rename(path, '/in/x', done))).rejects.toThrow(
      /renamed|removed/,
    );
  }
  await expect(ask((done) => sftp.readFile('/out/secret', done))).rejects.toThrow('no such file');
});

test('a partner with a home path sees real paths, and moves where its policy permits', async ({
  gateway,
  connectAs,
}) => {
  await using partner = await connectAs('real-paths');
  const { ask, sftp } = partner;
  const home = `/${BUCKET}/partners/real-paths`;
  expect(await ask<string>((done) => sftp.realpath('.', done))).toBe(home);
  await ask((done) => sftp.mkdir('in', done));
  await ask((done) => sftp.writeFile('in/new', 'x', done));
  await ask((done) => sftp.rename('in/new', `${home}/in/renamed`, done));
  expect(await gateway.object('partners/real-paths/in/renamed')).toEqual(Buffer.from('x'));
  expect(await namesIn(partner, `${home}/in`)).toEqual(['renamed']);
  expect(await namesIn(partner, '/')).toEqual([BUCKET]);
  for (const folder of ['/', `/${BUCKET}`, `/${BUCKET}/partners`, home]) {
    const stats = await ask<{ isDirectory(): boolean }>((done) => sftp.stat(folder, done));
    expect(stats.isDirectory()).toBe(true);
    await expect(ask((done) => sftp.rmdir(folder, done))).rejects.toThrow(/removed/);
    await expect(ask((done) => sftp.writeFile(folder, 'x', done))).rejects.toThrow(/folder/);
    await expect(ask((done) => sftp.rename(folder, `${home}/x`, done))).rejects.toThrow(
      /renamed|removed/,
    );
  }
  const report = await ask<Buffer>((done) => sftp.readFile(`/${ARCHIVE}/reports/2026.csv`, done));
  expect(String(report)).toBe('report');
  for (const path of [`/${ARCHIVE}/secret`, `/${BUCKET}/secret`, '/nowhere/secret']) {
    await expect(ask((done) => sftp.readFile(path, done))).rejects.toThrow('permission denied');
  }
  await expect(namesIn(partner, `/${BUCKET}`)).rejects.toThrow('permission denied');
  await expect(ask((done) => sftp.mkdir('/new-bucket', done))).rejects.toThrow('exists already');
});

test('a home path has the same answers about files, folders and own uploads', async ({
  gateway,
  connectAs,
}) => {
  const prefix = 'partners/real-paths';
  await gateway.put(`${prefix}/file`, 'x');
  await gateway.put(`${prefix}/from/deep/a.csv`, 'a');
  await using partner = await connectAs('real-paths');
  const { ask, sftp } = partner;
  await expect(ask((done) => sftp.writeFile('file/below', 'x', done))).rejects.toThrow(
    `/${BUCKET}/${prefix}/file is a file, not a folder`,
  );
  const handle = await ask<Buffer>((done) => sftp.open('uploading', 'w', done));
  expect(await namesIn(partner, '.')).toContain('uploading');
  await ask((done) => sftp.rename(`/${BUCKET}/${prefix}/uploading`, 'uploaded', done));
  await ask((done) => sftp.close(handle, done));
  expect(await gateway.object(`${prefix}/uploaded`)).toEqual(Buffer.from(''));
  await ask((done) => sftp.rename('from', './to', done));
  expect(await gateway.object(`${prefix}/to/deep/a.csv`)).toEqual(Buffer.from('a'));
  await ask((done) => sftp.unlink('to/deep/a.csv', done));
  expect(await namesIn(partner, 'to')).toEqual(['deep']);
  await ask((done) => sftp.rmdir('to/deep', done));
  await ask((done) => sftp.rmdir('to', done));
  expect(await namesIn(partner, '.')).not.toContain('to');
});

test('a rename from one home to another moves between buckets', async ({ gateway, connectAs }) => {
  await using partner = await connectAs('several');
  const { ask, sftp } = partner;
  await ask((done) => sftp.writeFile('/in/moving', 'moved', done));
  await ask((done) => sftp.rename('/in/moving', '/out/reports/moved', done));
  const { Body } = await gateway.s3.send(
    new GetObjectCommand({ Bucket: ARCHIVE, Key: 'reports/moved' }),
  );
  expect(await Body?.transformToString()).toBe('moved');
  expect(await gateway.keys()).not.toContain('several/moving');
});

test('a drop box accepts files, and can be neither listed nor read', async ({
  gateway,
  connectAs,
}) => {
  await using partner = await connectAs('drop-box');
  const { ask, sftp } = partner;
  await ask((done) => sftp.writeFile('dropped', 'x', done));
  expect(await gateway.object('drop/dropped')).toEqual(Buffer.from('x'));
  await expect(ask((done) => sftp.readFile('dropped', done))).rejects.toThrow('permission denied');
  await expect(ask((done) => sftp.unlink('dropped', done))).rejects.toThrow('permission denied');
  await expect(namesIn(partner, '/')).rejects.toThrow('permission denied');
});

test('protocols that the identity provider does not allow are refused with a message', async ({
  gateway,
  connectAs,
}) => {
  await using sftpOnly = await connectAs('only-sftp');
  const channel = await sftpOnly.ask<ClientChannel>((done) =>
    sftpOnly.client.exec('scp -t x', done),
  );
  const said = new Promise<string>((resolve) => {
    channel.stderr.once('data', (data: Buffer) => resolve(data.toString()));
  });
  expect(await said).toContain('speaks SFTP only');
  await expect(connectAs('only-scp')).rejects.toThrow(/SFTP|channel|open/i);
  await gateway.logged('login accepted', { username: 'only-scp' });
});

test('the identity provider is asked as AWS Transfer Family asks, for each protocol', async ({
  connectAs,
}) => {
  asked.length = 0;
  await using partner = await connectAs('acme');
  expect(partner.client).toBeDefined();
  expect(asked).toEqual(
    ['SFTP', 'SCP'].map((protocol) => ({
      username: 'acme',
      password: 'a secret',
      protocol,
      serverId: 's-local',
      sourceIp: '127.0.0.1',
    })),
  );
});
