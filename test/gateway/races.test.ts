import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { FLAG, overSsh, type RawSftp } from '../support/raw-sftp.ts';
import { openGateway, type OpenGateway } from './open-gateway.ts';
import { test } from './gateway-test.ts';

const REPLACE = FLAG.write | FLAG.create | FLAG.truncate;

/**
 * A gateway whose next call of the kind waits: `reached` resolves when the call is about to be made, `go`
 * lets it be made.
 */
async function gatewayThatWaitsBefore(kind: string) {
  const plain = await openGateway();
  const reached = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let isArmed = true;
  const s3 = new Proxy(plain.s3, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name);
      return async (command: object, ...rest: unknown[]) => {
        if (isArmed && command.constructor.name === kind) {
          isArmed = false;
          reached.resolve();
          await go.promise;
        }
        return Reflect.apply(Reflect.get(target, 'send'), target, [command, ...rest]);
      };
    },
  });
  const gateway = await openGateway({ s3 });
  return {
    gateway: { ...plain, connect: gateway.connect } as OpenGateway,
    reached: reached.promise,
    go: go.resolve,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
    },
  };
}

test('a rename never deletes what another session has stored under the old name meanwhile', async () => {
  await using stage = await gatewayThatWaitsBefore('DeleteObjectCommand');
  const { gateway } = stage;
  await gateway.put('x', 'older');
  await using first = await gateway.connect();
  await using second = await gateway.connect();
  const renamer = await overSsh(first);
  const writer = await overSsh(second);
  const renaming = renamer.sftp.posixRename('x', 'y');
  await stage.reached;
  expect(await writer.sftp.store('x', Buffer.from('newer'))).toMatchObject({ code: 0 });
  stage.go();
  expect(await renaming).toMatchObject({ code: 0 });
  expect((await gateway.object('y')).toString()).toBe('older');
  expect((await gateway.object('x')).toString()).toBe('newer');
});

test('a removal never deletes what has replaced the file since it was looked at', async () => {
  await using stage = await gatewayThatWaitsBefore('DeleteObjectCommand');
  const { gateway } = stage;
  await gateway.put('x', 'older');
  await using first = await gateway.connect();
  const remover = await overSsh(first);
  const removing = remover.sftp.remove('x');
  await stage.reached;
  await gateway.put('x', 'newer');
  stage.go();
  expect(await removing).toMatchObject({ code: 4, message: 'x was replaced in the meantime' });
  expect((await gateway.object('x')).toString()).toBe('newer');
});

test('of two plain renames to one name, one is refused and keeps its file', async () => {
  await using stage = await gatewayThatWaitsBefore('CopyObjectCommand');
  const { gateway } = stage;
  await gateway.put('one', '1');
  await gateway.put('two', '2');
  await using first = await gateway.connect();
  await using second = await gateway.connect();
  const slow = await overSsh(first);
  const fast = await overSsh(second);
  const renaming = slow.sftp.rename('one', 'target');
  await stage.reached;
  expect(await fast.sftp.rename('two', 'target')).toMatchObject({ code: 0 });
  stage.go();
  expect(await renaming).toMatchObject({
    code: 4,
    message: expect.stringContaining('target exists'),
  });
  expect((await gateway.object('target')).toString()).toBe('2');
  expect((await gateway.object('one')).toString()).toBe('1');
});

test('of several renames of one file to different names, one succeeds', async ({ gateway }) => {
  await using connections = new AsyncDisposableStack();
  const sessions: RawSftp[] = [];
  for (let index = 0; index < 4; index++) {
    sessions.push((await overSsh(connections.use(await gateway.connect()))).sftp);
  }
  for (let round = 0; round < 5; round++) {
    await gateway.put(`job-${round}`, 'work');
    const answers = await Promise.all(
      sessions.map((sftp, worker) =>
        sftp.posixRename(`job-${round}`, `claimed-${round}-${worker}`),
      ),
    );
    expect(answers.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 2, 2, 2]);
    const claimed = (await gateway.keys()).filter((key) => key.startsWith(`claimed-${round}-`));
    const winner = answers.findIndex(({ code }) => code === 0);
    expect(claimed).toEqual([`claimed-${round}-${winner}`]);
  }
});

test.for([10, 6 * 1024 * 1024])(
  'of two files of %i bytes that must not exist yet, the one closed first is stored',
  async (sizeBytes, { gateway }) => {
    await using first = await gateway.connect();
    await using second = await gateway.connect();
    const contents = [randomBytes(sizeBytes), randomBytes(sizeBytes)] as const;
    const sessions = [(await overSsh(first)).sftp, (await overSsh(second)).sftp] as const;
    const handles: Buffer[] = [];
    for (const [index, sftp] of sessions.entries()) {
      const { handle } = await sftp.open('lock', REPLACE | FLAG.exclusive);
      handles.push(handle!);
      for (let at = 0; at < sizeBytes; at += 200_000) {
        await sftp.write(handle!, at, contents[index]!.subarray(at, at + 200_000));
      }
    }
    expect(await sessions[1].close(handles[1]!)).toMatchObject({ code: 0 });
    expect(await sessions[0].close(handles[0]!)).toMatchObject({
      code: 4,
      message: expect.stringContaining('exists already'),
    });
    expect((await gateway.object('lock')).equals(contents[1])).toBe(true);
    expect(await gateway.unfinishedUploads()).toEqual([]);
  },
);
