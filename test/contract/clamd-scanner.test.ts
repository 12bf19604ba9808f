import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClamd, type Clamd } from '../../local/clamd/clamd.ts';
import { chooseSignatures } from '../../local/clamd/signatures.ts';
import { clamdScanner } from '../../shared/scan/clamd/clamd-scanner.ts';
import { clamdStreamScanner } from '../../shared/scan/clamd/clamd-stream-scanner.ts';
import { cacheVersion } from '../../shared/scan/cache-version.ts';
import type { Scanner } from '../../shared/scan/scanner.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { scannerContract } from './scanner.contract.ts';

let directory: TemporaryDirectory;
let clamd: Clamd;
let tcpServer: Server;

beforeAll(async () => {
  directory = await temporaryDirectory();
  clamd = await startClamd({
    directory: join(directory.path, 'clamd'),
    logFile: join(directory.path, 'clamd.log'),
    signatures: await chooseSignatures('test'),
    maxScanTimeMs: 60_000,
    onRestart: () => {},
  });
  // The same clamd over TCP, as if it were on another host.
  tcpServer = createServer((socket) => {
    const inner = connect(clamd.socket);
    socket.pipe(inner).pipe(socket);
    for (const end of [socket, inner])
      end.on('error', () => [socket, inner].map((it) => it.destroy()));
  });
  await listening(tcpServer, 0);
});
afterAll(async () => {
  tcpServer?.close();
  await clamd?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

/** Listens; resolves with the address. */
async function listening(server: Server, where: string | 0): Promise<string> {
  if (where === 0) server.listen(0, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  return addressOf(server);
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null) throw new Error('the server does not listen');
  return typeof address === 'string' ? address : `tcp://127.0.0.1:${address.port}`;
}

scannerContract('clamd over its unix socket', async () => clamdScanner(clamd.socket));
scannerContract('clamd over TCP', async () => clamdStreamScanner(addressOf(tcpServer)));

/** A misbehaving clamd: called with all bytes received so far, whenever more arrive. */
type Misbehaviour = (socket: Socket, received: Buffer) => void;

/** Both adapters, the subject of their scans, and the end of a reply in their mode. */
const ADAPTERS = [
  ['by path', clamdScanner, (file: string) => file, '\n'],
  ['by stream', clamdStreamScanner, () => 'stream', '\0'],
] as const;

async function misbehaving(open: (address: string) => Scanner, answer: Misbehaviour) {
  await using starting = new AsyncDisposableStack();
  const place = starting.use(await temporaryDirectory());
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let received: Buffer = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (more: Buffer) => {
      received = Buffer.concat([received, more]);
      answer(socket, received);
    });
  });
  const address = await listening(server, open === clamdScanner ? join(place.path, 's') : 0);
  const file = join(place.path, 'file');
  await writeFile(file, 'content');
  const parts = starting.move();
  return {
    scanner: open(address),
    file,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await parts.disposeAsync();
    },
  };
}

/** Whether a whole command has arrived: a path, or the four zeros after the content. */
function isWhole(received: Buffer): boolean {
  if (received.includes('zINSTREAM\0')) return received.subarray(-4).equals(Buffer.alloc(4));
  return received.toString().startsWith('SCAN /');
}

describe.each(ADAPTERS)(
  '%s, anything but an exact reply is an error',
  (_by, open, nameOf, lineEnd) => {
    test.each<[string, (socket: Socket, subject: string, end: string) => void]>([
      ['hangs up without a reply', (socket) => socket.end()],
      ['is cut off', (socket) => socket.destroy()],
      [
        'is cut off after its OK',
        (socket, it) => socket.write(`${it}: OK`, () => socket.destroy()),
      ],
      ['answers an error', (socket, it, end) => socket.end(`${it}: Can't open file ERROR${end}`)],
      ['answers about another file', (socket, _it, end) => socket.end(`/another/file: OK${end}`)],
      ['answers OK for nothing', (socket, _it, end) => socket.end(`: OK${end}`)],
      ['answers nonsense', (socket, _it, end) => socket.end(`OK${end}`)],
      ['reports a timeout', (socket, _it, end) => socket.end(`COMMAND READ TIMED OUT${end}`)],
      ['breaks off in the middle of its reply', (socket, it) => socket.end(`${it}: O`)],
      ['does not end its reply', (socket, it) => socket.end(`${it}: OK`)],
      ['says OK and more', (socket, it, end) => socket.end(`${it}: OK${end}${it}: OK${end}`)],
      ['finds something without a name', (socket, it, end) => socket.end(`${it}:  FOUND${end}`)],
      [
        'finds two things',
        (socket, it, end) => socket.end(`${it}: A FOUND${end}${it}: B FOUND${end}`),
      ],
      ['sends more than 64 KiB', (socket) => socket.write('x'.repeat(100_000))],
    ])('when clamd %s', async (_name, answer) => {
      await using world = await misbehaving(open, (socket, received) => {
        if (isWhole(received)) answer(socket, nameOf(world.file), lineEnd);
      });
      await expect(
        world.scanner.scan(world.file, AbortSignal.timeout(5_000)),
      ).rejects.toMatchObject({
        code: 'SCANNER_UNAVAILABLE',
        disposition: 'retry',
      });
    });

    test('when clamd hangs, the signal ends the wait and the connection', async () => {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      const deadline = new AbortController();
      await using world = await misbehaving(open, (socket, received) => {
        if (!isWhole(received)) return;
        socket.once('close', () => resolve());
        deadline.abort();
      });
      await expect(world.scanner.scan(world.file, deadline.signal)).rejects.toMatchObject({
        code: 'DEADLINE_NEAR',
      });
      await closed;
    });

    test('when clamd is not running', async () => {
      await using world = await misbehaving(open, () => {});
      await world[Symbol.asyncDispose]();
      await expect(
        world.scanner.scan('/etc/hostname', AbortSignal.timeout(5_000)),
      ).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
    });
  },
);

test('by stream, an exact reply may arrive in pieces', async () => {
  const words = 'stream: Test.Signature FOUND\0';
  await using world = await misbehaving(clamdStreamScanner, (socket, received) => {
    if (!isWhole(received)) return;
    for (const letter of words) socket.write(letter);
    socket.end();
  });
  expect(await world.scanner.scan(world.file, AbortSignal.timeout(5_000))).toEqual({
    kind: 'found',
    signature: 'Test.Signature',
  });
});

describe('by stream', () => {
  const LARGE_BYTES = 50_000_000;

  test('an OK before the last byte is an error', async () => {
    await using world = await misbehaving(clamdStreamScanner, (socket, received) => {
      if (received.length < 1_000_000) socket.end('stream: OK\0');
    });
    await truncate(world.file, LARGE_BYTES);
    await expect(world.scanner.scan(world.file, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  test('a file longer than clamd accepts is an error', async () => {
    await using world = await misbehaving(clamdStreamScanner, (socket) => {
      socket.pause();
      socket.end('INSTREAM size limit exceeded. ERROR\0');
    });
    await truncate(world.file, LARGE_BYTES);
    await expect(world.scanner.scan(world.file, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  test('clamd gets every byte once, and then the end of the stream', async () => {
    let all: Buffer = Buffer.alloc(0);
    await using world = await misbehaving(clamdStreamScanner, (socket, received) => {
      all = received;
      if (isWhole(received)) socket.end('stream: OK\0');
    });
    const content = Buffer.alloc(1_000_000, 'every byte ');
    await writeFile(world.file, content);
    await world.scanner.scan(world.file, AbortSignal.timeout(5_000));
    const chunks: Buffer[] = [];
    let rest = all.subarray('zINSTREAM\0'.length);
    for (let size = rest.readUInt32BE(); size > 0; size = rest.readUInt32BE()) {
      chunks.push(rest.subarray(4, 4 + size));
      rest = rest.subarray(4 + size);
    }
    expect(rest.length).toBe(4);
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  test('a clamd that does not read does not fill the memory', async () => {
    await using world = await misbehaving(clamdStreamScanner, (socket) => socket.pause());
    await truncate(world.file, 1_000_000_000);
    const before = process.memoryUsage().rss;
    const scan = world.scanner.scan(world.file, AbortSignal.timeout(1_000));
    await expect(scan).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe('the cached version', () => {
  test('is requested again after a while, and after an error', async () => {
    const answers = ['ClamAV 1', 'ClamAV 2'];
    const asked: Scanner = {
      scan: async () => ({ kind: 'ok' }),
      version: async () => answers.shift() ?? Promise.reject(new Error('clamd is down')),
    };
    let now = 0;
    const scanner = cacheVersion(asked, 5_000, () => now);
    const { signal } = new AbortController();
    expect(await scanner.version(signal)).toBe('ClamAV 1');
    now = 4_999;
    expect(await scanner.version(signal)).toBe('ClamAV 1');
    now = 5_000;
    expect(await scanner.version(signal)).toBe('ClamAV 2');
    now = 10_000;
    await expect(scanner.version(signal)).rejects.toThrow('clamd is down');
    answers.push('ClamAV 3');
    expect(await scanner.version(signal)).toBe('ClamAV 3');
  });
});
