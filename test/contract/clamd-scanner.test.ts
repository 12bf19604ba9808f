import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClamd, type Clamd } from '../../local/clamd/clamd.ts';
import { chooseSignatures } from '../../local/clamd/signatures.ts';
import { clamdScanner } from '../../shared/scan/clamd-scanner.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { scannerContract } from './scanner.contract.ts';

let directory: TemporaryDirectory;
let clamd: Clamd;

beforeAll(async () => {
  directory = await temporaryDirectory();
  clamd = await startClamd({
    directory: join(directory.path, 'clamd'),
    logFile: join(directory.path, 'clamd.log'),
    signatures: await chooseSignatures('test'),
    maxScanTimeMs: 60_000,
    onRestart: () => {},
  });
});
afterAll(async () => {
  await clamd?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

scannerContract('clamd over its unix socket', () => clamdScanner(clamd.socket));

/** Answers each command as it is told; stands for a clamd that misbehaves. */
async function misbehaving(answer: (socket: Socket, command: string) => void) {
  await using starting = new AsyncDisposableStack();
  const place = starting.use(await temporaryDirectory());
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (command) => answer(socket, command.toString()));
  });
  server.listen(join(place.path, 's'));
  await once(server, 'listening');
  const file = join(place.path, 'file');
  await writeFile(file, 'content');
  const parts = starting.move();
  return {
    scanner: await clamdScanner(join(place.path, 's')),
    file,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await parts.disposeAsync();
    },
  };
}

describe('whatever is not exactly a verdict is none', () => {
  test.each<[string, (socket: Socket, path: string) => void]>([
    ['hangs up without a word', (socket) => socket.end()],
    ['is cut off', (socket) => socket.destroy()],
    ['answers an error', (socket, path) => socket.end(`${path}: Can't open file ERROR\n`)],
    ['answers about another file', (socket) => socket.end('/another/file: OK\n')],
    ['answers OK for nothing', (socket) => socket.end(': OK\n')],
    ['answers nonsense', (socket) => socket.end('OK\n')],
    ['is out of time', (socket) => socket.end('COMMAND READ TIMED OUT\n')],
    ['breaks off in the middle of a word', (socket, path) => socket.end(`${path}: O`)],
    ['says OK and more', (socket, path) => socket.end(`${path}: OK\n${path}: OK\n`)],
  ])('clamd %s', async (_name, answer) => {
    await using world = await misbehaving((socket, command) =>
      answer(socket, command.replace('SCAN ', '')),
    );
    await expect(world.scanner.scan(world.file, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
      disposition: 'retry',
    });
  });

  test('clamd hangs: the signal ends the wait, and the connection', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const deadline = new AbortController();
    await using world = await misbehaving((socket) => {
      socket.once('close', () => resolve());
      deadline.abort();
    });
    await expect(world.scanner.scan(world.file, deadline.signal)).rejects.toMatchObject({
      code: 'DEADLINE_NEAR',
    });
    await closed;
  });

  test('nobody listens', async () => {
    const scanner = await clamdScanner('/nonexistent/clamd.sock');
    await expect(scanner.scan('/etc/hostname', AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });
});
