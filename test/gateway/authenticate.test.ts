import { expect, test } from 'vitest';
import { createAuthenticator, type IdentityRequest } from '../../gateway/ssh/authenticate.ts';
import { connectSftp } from '../support/sftp-client.ts';
import { BUCKET, openGateway } from './open-gateway.ts';

const ANSWER = {
  Role: 'arn:aws:iam::000000000000:role/transfer',
  HomeDirectoryType: 'LOGICAL',
  HomeDirectoryDetails: JSON.stringify([{ Entry: '/', Target: `/${BUCKET}/acme` }]),
};

const PATH_ANSWER = {
  Role: ANSWER.Role,
  HomeDirectoryType: 'PATH',
  HomeDirectory: `/${BUCKET}/acme`,
};

/** A gateway whose identity provider gives the same answer to every request. */
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
  ['homes of both kinds', { ...ANSWER, HomeDirectoryType: 'PATH', HomeDirectory: '/inbox' }],
  ['logical homes and a path', { ...ANSWER, HomeDirectory: '/inbox' }],
  ['another kind of home', { ...PATH_ANSWER, HomeDirectoryType: 'VIRTUAL' }],
  ['a path that is none', { ...PATH_ANSWER, HomeDirectory: 'inbox' }],
  ['a path to no bucket', { ...PATH_ANSWER, HomeDirectory: '/' }],
  ['no path', { ...PATH_ANSWER, HomeDirectory: undefined }],
  ['no home', { ...ANSWER, HomeDirectoryDetails: '[]' }],
  ['homes that are no JSON', { ...ANSWER, HomeDirectoryDetails: '[{' }],
  ['homes that are a list', { ...ANSWER, HomeDirectoryDetails: [{ Entry: '/', Target: '/a' }] }],
  ['a relative entry', { ...ANSWER, HomeDirectoryDetails: '[{"Entry":"in","Target":"/inbox"}]' }],
  ['a relative target', { ...ANSWER, HomeDirectoryDetails: '[{"Entry":"/","Target":"inbox"}]' }],
  [
    'a home that is a file',
    { ...ANSWER, HomeDirectoryDetails: '[{"Entry":"/","Target":"/a/b","Type":"FILE"}]' },
  ],
  ['text', 'welcome'],
])('a login is refused when the identity provider answers %s', async (_what, answer) => {
  await using gateway = await gatewayAnswering(answer);
  await expect(connectSftp(gateway.server, LOGIN)).rejects.toThrow(REFUSED);
});

test('with a policy that cannot be parsed a partner may log in, but access nothing', async () => {
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

test('a login with an empty password is refused without asking the identity provider', async () => {
  const asked: IdentityRequest[] = [];
  await using gateway = await gatewayAnswering(
    { ...ANSWER, PublicKeys: ['ssh-ed25519 AAAA'] },
    asked,
  );
  await expect(connectSftp(gateway.server, { ...LOGIN, password: '' })).rejects.toThrow(REFUSED);
  expect(asked).toEqual([]);
  await gateway.logged('login refused', { reason: 'empty-password' });
});

test('a key is accepted only if the identity provider returns it', async () => {
  const unusable: unknown[] = [[], ['ssh-ed25519'], ['garbage'], [''], undefined];
  for (const PublicKeys of unusable) {
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

test('answers are not cached: a disabled partner cannot log in again', async () => {
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

test('passwords are never logged', async () => {
  await using gateway = await gatewayAnswering({});
  const password = 'correct horse battery staple';
  await expect(connectSftp(gateway.server, { ...LOGIN, password })).rejects.toThrow(REFUSED);
  await gateway.logged('login refused');
  expect(JSON.stringify(gateway.lines)).not.toContain(password);
});

test('without a policy, a partner with real paths is kept in its home', async () => {
  // PATH is the default, as with Transfer Family.
  const { HomeDirectoryType: _, ...answer } = PATH_ANSWER;
  await using gateway = await gatewayAnswering(answer);
  await gateway.put('acme2/secret', 'of another');
  await using partner = await connectSftp(gateway.server, LOGIN);
  const { ask, sftp } = partner;
  expect(await ask<string>((done) => sftp.realpath('.', done))).toBe(`/${BUCKET}/acme`);
  await ask((done) => sftp.writeFile('own', 'mine', done));
  await ask((done) => sftp.readdir('.', done));
  for (const path of ['..', `/${BUCKET}`, '../acme2']) {
    await expect(ask((done) => sftp.readdir(path, done))).rejects.toThrow(/permission denied/);
  }
  for (const path of ['../acme2/secret', '/elsewhere/secret']) {
    await expect(ask((done) => sftp.readFile(path, done))).rejects.toThrow(/permission denied/);
    await expect(ask((done) => sftp.writeFile(path, 'x', done))).rejects.toThrow(
      /permission denied/,
    );
  }
  expect(await gateway.keys()).toEqual(['acme/own', 'acme2/secret']);
});
