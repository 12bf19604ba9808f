import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClamd, type Clamd } from '../../local/clamd/clamd.ts';
import { chooseSignatures } from '../../local/clamd/signatures.ts';
import { clamdScanner } from '../../shared/scan/clamd/clamd-scanner.ts';
import { clamdStreamScanner } from '../../shared/scan/clamd/clamd-stream-scanner.ts';
import { rememberVersion } from '../../shared/scan/remembered-version.ts';
import type { Scanner } from '../../shared/scan/scanner.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { scannerContract } from './scanner.contract.ts';

let directory: TemporaryDirectory;
let clamd: Clamd;
let door: Server;

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
  door = createServer((socket) => {
    const inner = connect(clamd.socket);
    socket.pipe(inner).pipe(socket);
    for (const end of [socket, inner])
      end.on('error', () => [socket, inner].map((it) => it.destroy()));
  });
  await listening(door, 0);
});
afterAll(async () => {
  door?.close();
  await clamd?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

/** Listens, and tells where. */
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
scannerContract('clamd over TCP', async () => clamdStreamScanner(addressOf(door)));

/** Answers what it has heard so far, whenever it hears more; stands for a clamd that misbehaves. */
type Misbehaviour = (socket: Socket, heard: Buffer) => void;

/** Both adapters, what each asks about, and what ends the answer in the mode it asks in. */
const ADAPTERS = [
  ['by path', clamdScanner, (file: string) => file, '\n'],
  ['by stream', clamdStreamScanner, () => 'stream', '\0'],
] as const;

async function misbehaving(open: (address: string) => Scanner, answer: Misbehaviour) {
  await using starting = new AsyncDisposableStack();
  const place = starting.use(await temporaryDirectory());
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let heard: Buffer = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (more: Buffer) => {
      heard = Buffer.concat([heard, more]);
      answer(socket, heard);
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

/** True once a whole question has come: a path, or the four zeros after the content. */
function isWhole(heard: Buffer): boolean {
  if (heard.includes('zINSTREAM\0')) return heard.subarray(-4).equals(Buffer.alloc(4));
  return heard.toString().startsWith('SCAN /');
}

describe.each(ADAPTERS)(
  '%s, whatever is not exactly a verdict is none',
  (_by, open, nameOf, lineEnd) => {
    test.each<[string, (socket: Socket, subject: string, end: string) => void]>([
      ['hangs up without a word', (socket) => socket.end()],
      ['is cut off', (socket) => socket.destroy()],
      [
        'is cut off after its OK',
        (socket, it) => socket.write(`${it}: OK`, () => socket.destroy()),
      ],
      ['answers an error', (socket, it, end) => socket.end(`${it}: Can't open file ERROR${end}`)],
      ['answers about another file', (socket, _it, end) => socket.end(`/another/file: OK${end}`)],
      ['answers OK for nothing', (socket, _it, end) => socket.end(`: OK${end}`)],
      ['answers nonsense', (socket, _it, end) => socket.end(`OK${end}`)],
      ['is out of time', (socket, _it, end) => socket.end(`COMMAND READ TIMED OUT${end}`)],
      ['breaks off in the middle of a word', (socket, it) => socket.end(`${it}: O`)],
      ['does not end its answer', (socket, it) => socket.end(`${it}: OK`)],
      ['says OK and more', (socket, it, end) => socket.end(`${it}: OK${end}${it}: OK${end}`)],
      ['finds something without a name', (socket, it, end) => socket.end(`${it}:  FOUND${end}`)],
      [
        'finds two things',
        (socket, it, end) => socket.end(`${it}: A FOUND${end}${it}: B FOUND${end}`),
      ],
      ['does not stop talking', (socket) => socket.write('x'.repeat(100_000))],
    ])('when clamd %s', async (_name, answer) => {
      await using world = await misbehaving(open, (socket, heard) => {
        if (isWhole(heard)) answer(socket, nameOf(world.file), lineEnd);
      });
      await expect(
        world.scanner.scan(world.file, AbortSignal.timeout(5_000)),
      ).rejects.toMatchObject({
        code: 'SCANNER_UNAVAILABLE',
        disposition: 'retry',
      });
    });

    test('clamd hangs: the signal ends the wait, and the connection', async () => {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      const deadline = new AbortController();
      await using world = await misbehaving(open, (socket, heard) => {
        if (!isWhole(heard)) return;
        socket.once('close', () => resolve());
        deadline.abort();
      });
      await expect(world.scanner.scan(world.file, deadline.signal)).rejects.toMatchObject({
        code: 'DEADLINE_NEAR',
      });
      await closed;
    });

    test('nobody listens', async () => {
      await using world = await misbehaving(open, () => {});
      await world[Symbol.asyncDispose]();
      await expect(
        world.scanner.scan('/etc/hostname', AbortSignal.timeout(5_000)),
      ).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
    });
  },
);

test('by stream, an exact answer in pieces is one', async () => {
  const words = 'stream: Test.Signature FOUND\0';
  await using world = await misbehaving(clamdStreamScanner, (socket, heard) => {
    if (!isWhole(heard)) return;
    for (const letter of words) socket.write(letter);
    socket.end();
  });
  expect(await world.scanner.scan(world.file, AbortSignal.timeout(5_000))).toEqual({
    kind: 'found',
    signature: 'Test.Signature',
  });
});

describe('what only a stream can suffer', () => {
  const LARGE_BYTES = 50_000_000;

  test('an OK before the last byte is no verdict', async () => {
    await using world = await misbehaving(clamdStreamScanner, (socket, heard) => {
      if (heard.length < 1_000_000) socket.end('stream: OK\0');
    });
    await truncate(world.file, LARGE_BYTES);
    await expect(world.scanner.scan(world.file, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  test('a file longer than clamd takes is no verdict', async () => {
    await using world = await misbehaving(clamdStreamScanner, (socket) => {
      socket.pause();
      socket.end('INSTREAM size limit exceeded. ERROR\0');
    });
    await truncate(world.file, LARGE_BYTES);
    await expect(world.scanner.scan(world.file, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'SCANNER_UNAVAILABLE',
    });
  });

  test('clamd gets every byte once, and the end of the stream once, behind them', async () => {
    let all: Buffer = Buffer.alloc(0);
    await using world = await misbehaving(clamdStreamScanner, (socket, heard) => {
      all = heard;
      if (isWhole(heard)) socket.end('stream: OK\0');
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

  test('a clamd that reads nothing does not fill our memory', async () => {
    await using world = await misbehaving(clamdStreamScanner, (socket) => socket.pause());
    await truncate(world.file, 1_000_000_000);
    const before = process.memoryUsage().rss;
    const scan = world.scanner.scan(world.file, AbortSignal.timeout(1_000));
    await expect(scan).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe('the remembered version', () => {
  test('is asked for again after a while, and whenever it could not be told', async () => {
    const answers = ['ClamAV 1', 'ClamAV 2'];
    const asked: Scanner = {
      scan: async () => ({ kind: 'ok' }),
      version: async () => answers.shift() ?? Promise.reject(new Error('clamd is down')),
    };
    let now = 0;
    const scanner = rememberVersion(asked, 5_000, () => now);
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
