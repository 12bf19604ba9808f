import { expect, test } from 'vitest';
import { createAuthenticator, type IdentityRequest } from '../../gateway/ssh/authenticate.ts';
import { connectSftp } from '../support/sftp-client.ts';
import { BUCKET, openGateway } from './open-gateway.ts';

const ANSWER = {
  Role: 'arn:aws:iam::000000000000:role/transfer',
  HomeDirectoryType: 'LOGICAL',
  HomeDirectoryDetails: JSON.stringify([{ Entry: '/', Target: `/${BUCKET}/acme` }]),
};

/** A gateway whose identity provider answers whatever it is told to. */
function gatewayAnswering(answer: unknown, asked: IdentityRequest[] = []) {
  return openGateway({
    authenticate: createAuthenticator({
      identify: async (request) => {
        asked.push(request);
        return answer;
      },
      serverId: 's-local',
      protocols: ['SFTP'],
    }),
  });
}

const LOGIN = { username: 'acme', password: 'secret' };
const REFUSED = /authentication methods failed/;

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['an empty answer', {}],
  ['no role', { ...ANSWER, Role: undefined }],
  ['an empty role', { ...ANSWER, Role: '' }],
  ['a home of the kind PATH', { ...ANSWER, HomeDirectoryType: 'PATH', HomeDirectory: '/inbox' }],
  ['no home', { ...ANSWER, HomeDirectoryDetails: '[]' }],
  ['homes that are no JSON', { ...ANSWER, HomeDirectoryDetails: '[{' }],
  ['homes that are a list', { ...ANSWER, HomeDirectoryDetails: [{ Entry: '/', Target: '/a' }] }],
  ['a relative entry', { ...ANSWER, HomeDirectoryDetails: '[{"Entry":"in","Target":"/inbox"}]' }],
  ['a relative target', { ...ANSWER, HomeDirectoryDetails: '[{"Entry":"/","Target":"inbox"}]' }],
  [
    'a home that is a file',
    { ...ANSWER, HomeDirectoryDetails: '[{"Entry":"/","Target":"/a/b","Type":"FILE"}]' },
  ],
  ['text', 'come in'],
])('an identity provider that answers %s lets nobody in', async (_what, answer) => {
  await using gateway = await gatewayAnswering(answer);
  await expect(connectSftp(gateway.server, LOGIN)).rejects.toThrow(REFUSED);
});

test('a policy that is not understood lets a partner in, to nothing', async () => {
  await using gateway = await gatewayAnswering({ ...ANSWER, Policy: '{"Version":"2012-10-17"}' });
  await using partner = await connectSftp(gateway.server, LOGIN);
  const { ask, sftp } = partner;
  for (const path of ['own', '.']) {
    await expect(ask((done) => sftp.readdir(path, done))).rejects.toThrow(/permission denied/);
  }
  await expect(ask((done) => sftp.writeFile('own', 'x', done))).rejects.toThrow(
    /permission denied/,
  );
});

test('an empty password is no way to ask for the keys and come in with them', async () => {
  const asked: IdentityRequest[] = [];
  await using gateway = await gatewayAnswering(
    { ...ANSWER, PublicKeys: ['ssh-ed25519 AAAA'] },
    asked,
  );
  await expect(connectSftp(gateway.server, { ...LOGIN, password: '' })).rejects.toThrow(REFUSED);
  expect(asked).toEqual([]);
  await gateway.logged('login refused', { reason: 'empty-password' });
});

test('a key counts only when the identity provider names it', async () => {
  const strangers: unknown[] = [[], ['ssh-ed25519'], ['garbage'], [''], undefined];
  for (const PublicKeys of strangers) {
    await using gateway = await gatewayAnswering({ ...ANSWER, PublicKeys });
    await expect(gateway.connect()).rejects.toThrow(REFUSED);
    await gateway.logged('login refused', { reason: 'key-not-listed' });
  }
  await using first = await openGateway();
  const { publicKey } = first.credentials;
  await using known = await gatewayAnswering({
    ...ANSWER,
    PublicKeys: [`${publicKey} with comment`],
  });
  const { username } = first.credentials;
  const { readFileSync } = await import('node:fs');
  const privateKey = readFileSync(first.credentials.privateKeyPath);
  await using partner = await connectSftp(known.server, { username, privateKey });
  expect(await partner.ask<string>((done) => partner.sftp.realpath('.', done))).toBe('/');
});

test('nothing is kept: who is turned off does not come in again', async () => {
  let answer: unknown = ANSWER;
  await using gateway = await openGateway({
    authenticate: createAuthenticator({
      identify: async () => answer,
      serverId: 's-local',
      protocols: ['SFTP'],
    }),
  });
  await using partner = await connectSftp(gateway.server, LOGIN);
  answer = {};
  await expect(connectSftp(gateway.server, LOGIN)).rejects.toThrow(REFUSED);
  expect(await partner.ask<string>((done) => partner.sftp.realpath('.', done))).toBe('/');
});

test('no password is ever in the log', async () => {
  await using gateway = await gatewayAnswering({});
  const password = 'correct horse battery staple';
  await expect(connectSftp(gateway.server, { ...LOGIN, password })).rejects.toThrow(REFUSED);
  await gateway.logged('login refused');
  expect(JSON.stringify(gateway.lines)).not.toContain(password);
});
