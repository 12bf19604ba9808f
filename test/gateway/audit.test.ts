import { expect } from 'vitest';
import type { TransferEvent } from '../../gateway/session/audit/transfer-event.ts';
import { connectSftp } from '../support/sftp-client.ts';
import { test } from './gateway-test.ts';
import { BUCKET, openGateway } from './open-gateway.ts';

test('each operation of a partner is one log line, with partner, address, file and size', async ({
  gateway,
}) => {
  {
    await using partner = await gateway.connect();
    const { sftp, ask } = partner;
    await ask((done) => sftp.mkdir('folder', done));
    await ask((done) => sftp.writeFile('folder/file', 'content', done));
    await ask((done) => sftp.readFile('folder/file', done));
    await ask((done) => sftp.rename('folder/file', 'folder/other', done));
    await ask((done) => sftp.unlink('folder/other', done));
    await ask((done) => sftp.rmdir('folder', done));
  }
  await gateway.logged('session ended');
  const session = { username: 'demo', sourceIp: '127.0.0.1', sessionId: expect.any(String) };
  const file = { bucket: BUCKET, key: 'folder/file' };
  const upload = { direction: 'upload', path: 'folder/file', ...file };
  const download = { direction: 'download', path: 'folder/file', ...file };
  expect(gateway.lines).toMatchObject([
    { ...session, line: 'login accepted', method: 'publickey', protocols: ['SFTP', 'SCP'] },
    { ...session, line: 'session started', homes: ['/'] },
    { ...session, line: 'folder made', key: 'folder' },
    { ...session, line: 'file opened', ...upload },
    { ...session, line: 'file closed', ...upload, bytes: 7, result: 'whole' },
    { ...session, line: 'file opened', ...download, sizeBytes: 7 },
    { ...session, line: 'file closed', ...download, bytes: 7, result: 'whole' },
    { ...session, line: 'file renamed', from: '/inbox/folder/file', to: '/inbox/folder/other' },
    { ...session, line: 'file deleted', key: 'folder/other' },
    { ...session, line: 'folder removed', key: 'folder' },
    { ...session, line: 'session ended', durationMs: expect.any(Number) },
  ]);
  expect(new Set(gateway.lines.map(({ sessionId }) => sessionId)).size).toBe(1);
});

test('the reason of a refused login is logged, and not told to the client', async ({ gateway }) => {
  const login = { username: 'demo', password: 'wrong' };
  const refused = connectSftp(gateway.server, login);
  await expect(refused).rejects.toThrow(/^All configured authentication methods failed$/);
  await gateway.logged('login refused', { username: 'demo', method: 'password', reason: 'denied' });
});

test('what AWS Transfer Family would publish is published', async () => {
  const published: TransferEvent[] = [];
  await using gateway = await openGateway({ publish: (event) => published.push(event) });
  {
    await using partner = await gateway.connect();
    const { sftp, ask } = partner;
    await ask((done) => sftp.writeFile('file', 'content', done));
    await ask((done) => sftp.readFile('file', done));
    await ask((done) => sftp.rename('file', 'other', done));
    await ask((done) => sftp.unlink('other', done));
    await ask((done) => sftp.open('abandoned', 'w', done));
    partner.cut();
    await gateway.logged('file closed', { result: 'abandoned' });
  }
  const common = {
    protocol: 'SFTP',
    'client-ip': '127.0.0.1',
    'server-id': 's-local',
    username: 'demo',
    'session-id': expect.stringMatching(/^[0-9a-f]{20}$/),
    'start-timestamp': expect.stringMatching(/^\d{4}-.*Z$/),
    'end-timestamp': expect.stringMatching(/^\d{4}-.*Z$/),
  };
  const completed = { ...common, 'status-code': 'COMPLETED' };
  const etag = expect.stringMatching(/^[0-9a-f]{32}$/);
  expect(published).toEqual([
    {
      detailType: 'SFTP Server File Upload Completed',
      detail: { ...completed, 'file-path': '/inbox/file', bytes: 7, etag },
    },
    {
      detailType: 'SFTP Server File Download Completed',
      detail: { ...completed, 'file-path': '/inbox/file', bytes: 7, etag },
    },
    {
      detailType: 'SFTP Server File Rename Completed',
      detail: {
        ...completed,
        'original-file-path': '/inbox/file',
        'renamed-file-path': '/inbox/other',
      },
    },
    {
      detailType: 'SFTP Server File Delete Completed',
      detail: { ...completed, 'file-path': '/inbox/other' },
    },
    {
      detailType: 'SFTP Server File Upload Failed',
      detail: {
        ...common,
        'status-code': 'FAILED',
        'file-path': '/inbox/abandoned',
        bytes: 0,
        'failure-code': 'PARTIAL_UPLOAD',
        'failure-message': expect.any(String),
      },
    },
  ]);
});
