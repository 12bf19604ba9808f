import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Container } from '../../shared/model/container.ts';
import { OPENING, OpeningBudget } from '../../shared/open/opening-budget.ts';
import { openers } from '../../shared/open/openers.ts';
import { run } from '../../shared/open/sandbox/run.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { cpio, pdfWithChecksum } from '../verdicts/corpus/other-containers.ts';
import { HELLO } from '../verdicts/corpus/sample.ts';
import { TAR_END, tar, tarEntry } from '../verdicts/corpus/tar.ts';
import { zip } from '../verdicts/corpus/zip.ts';

const opener = openers();
const execute = promisify(execFile);

/** Ours, of this process: others may be at work beside us. */
async function workshops(): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith(`airlock-open-${process.pid}-`));
}

/** The content of the members by their names, and why there may be more. */
async function opening(content: Buffer, container: Container, budget = new OpeningBudget()) {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'file');
  await writeFile(path, content);
  await using opened = await opener.open(
    path,
    container,
    undefined,
    budget,
    AbortSignal.timeout(25_000),
  );
  const members: [string, string][] = [];
  for (const member of opened.members)
    members.push([member.name, await readFile(member.path, 'latin1')]);
  return { members: members.toSorted(([a], [b]) => (a < b ? -1 : 1)), unread: opened.unread };
}

test('of two members with one name both come out', async () => {
  const twins = zip([
    { name: 'a', data: Buffer.from('one') },
    { name: 'a', data: Buffer.from('two') },
  ]);
  const { members, unread } = await opening(twins, 'zip');
  expect(unread).toBeUndefined();
  expect(members.map(([, content]) => content)).toEqual(['one', 'two']);
});

test('names that lead out of the directory lead nowhere', async () => {
  const hostile = tar(
    { name: '../../escaped', data: Buffer.from('one') },
    { name: '/absolute', data: Buffer.from('two') },
    { name: 'line\nend', data: Buffer.from('three') },
  );
  const { members, unread } = await opening(hostile, 'tar');
  expect(unread).toBeUndefined();
  expect(members.map(([, content]) => content)).toEqual(['two', 'one', 'three']);
});

test('a link is never followed: its text is what comes out, or the file is held', async () => {
  await using directory = await temporaryDirectory();
  const secret = join(directory.path, 'secret');
  await writeFile(secret, 'a secret of the host');
  await mkdir(join(directory.path, 'in'));
  await execute('ln', ['-s', secret, 'away'], { cwd: join(directory.path, 'in') });
  await execute('ln', ['-s', 'hello', 'near'], { cwd: join(directory.path, 'in') });
  await execute('bsdtar', ['-cf', '../links.tar', 'near', 'away'], {
    cwd: join(directory.path, 'in'),
  });
  const content = await readFile(join(directory.path, 'links.tar'));
  const { members, unread } = await opening(content, 'tar');
  expect(members.map(([, text]) => text).join('\n')).not.toContain('a secret');
  expect(members).toContainEqual(['near', 'hello']);
  expect(members.length === 2 || unread !== undefined).toBe(true);
});

test('a member without any permission comes out, too', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'closed'), 'hidden');
  await execute('chmod', ['000', 'closed'], { cwd: directory.path });
  await execute('bsdtar', ['-cf', 'closed.tar', 'closed'], { cwd: directory.path });
  const { members } = await opening(await readFile(join(directory.path, 'closed.tar')), 'tar');
  expect(members).toEqual([['closed', 'hidden']]);
});

test('what two readers do not see alike is not taken for whole', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'file');
  await writeFile(path, zip([{ name: 'a', data: HELLO }]));
  const listed = [{ sizeBytes: HELLO.length }, { sizeBytes: 1 }];
  const signal = AbortSignal.timeout(25_000);
  await using opened = await opener.open(path, 'zip', listed, new OpeningBudget(), signal);
  expect(opened.unread).toMatchObject({ reason: 'archive-structure' });
});

test('a program is no archive, whatever else 7-Zip would make of it', async () => {
  const { members, unread } = await opening(
    await readFile(process.execPath).then((it) => it.subarray(0, 9999)),
    '7z',
  );
  expect(members).toEqual([]);
  expect(unread).toMatchObject({ reason: 'archive-structure' });
});

test.each([
  ['cpio', Buffer.concat([cpio('hello', HELLO), Buffer.from('PK behind')])],
  ['xz', Buffer.from('fd377a585a000004e6d6b446', 'hex')],
  ['pdf', pdfWithChecksum(HELLO).subarray(0, -40)],
  ['tar', tarEntry({ name: 'a', data: HELLO }).subarray(0, 700)],
  ['rar', Buffer.from('526172211a0700cf90', 'hex')],
  ['zstd', Buffer.from('28b52ffd2410', 'hex')],
] as const)('a damaged %s is not taken for whole', async (container, content) => {
  expect((await opening(content, container)).unread).toBeDefined();
});

test('more members than the budget has left are not taken out', async () => {
  const budget = new OpeningBudget();
  budget.take(OPENING.members - 1, 0);
  const { members, unread } = await opening(
    Buffer.concat([
      tarEntry({ name: 'a', data: HELLO }),
      tarEntry({ name: 'b', data: HELLO }),
      TAR_END,
    ]),
    'tar',
    budget,
  );
  expect(members).toEqual([]);
  expect(unread).toMatchObject({ reason: 'limit' });
});

test('nothing is left behind, also when opening is given up', async () => {
  await opening(zip([{ name: 'a', data: HELLO }]), 'zip');
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'file');
  await writeFile(path, zip([{ name: 'a', data: HELLO }]));
  const given = opener.open(path, 'zip', undefined, new OpeningBudget(), AbortSignal.abort());
  await expect(given).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
  expect(await workshops()).toEqual([]);
});

/** Runs a shell where 7-Zip would run. */
async function confined(
  script: string,
  budget = new OpeningBudget(),
  signal = AbortSignal.timeout(25_000),
) {
  await using directory = await temporaryDirectory();
  const out = join(directory.path, 'out');
  await mkdir(out);
  return await run(['sh', '-c', script], { path: directory.path, out }, budget, signal);
}

test('a program that opens files sees none of our environment', async () => {
  process.env['AWS_SECRET_ACCESS_KEY'] = 'a secret';
  try {
    const { said } = await confined('env');
    expect(said).toContain('LANG=C.UTF-8');
    expect(said).not.toContain('secret');
  } finally {
    delete process.env['AWS_SECRET_ACCESS_KEY'];
  }
});

test('it has limits, and can gain no privileges', async () => {
  const { said } = await confined('ulimit -v; ulimit -c; grep NoNewPrivs /proc/self/status');
  expect(said).toContain(`${2 ** 20}\n0\n`);
  expect(said).toMatch(/NoNewPrivs:\s+1/);
});

test('it is killed, with what it has started, when its time is over', async () => {
  const budget = new OpeningBudget();
  budget.takeTime(OPENING.ms - 300);
  const { killedFor } = await confined('sleep 60 & sleep 60', budget);
  expect(killedFor).toBe('time');
  expect(budget.msLeft).toBeLessThanOrEqual(0);
});

test('it is killed when it writes more than the budget has left', async () => {
  const budget = new OpeningBudget();
  budget.take(0, OPENING.bytes - 1000);
  const { killedFor } = await confined(
    'while :; do head -c 9000 /dev/zero > $((i=i+1)); done',
    budget,
  );
  expect(killedFor).toBe('size');
});

test('it is killed at our deadline, which says nothing about the file', async () => {
  const given = confined('sleep 60', new OpeningBudget(), AbortSignal.timeout(300));
  await expect(given).rejects.toMatchObject({ code: 'DEADLINE_NEAR', disposition: 'retry' });
});

test('a program that is not installed is no verdict', async () => {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'out'));
  const at = { path: directory.path, out: join(directory.path, 'out') };
  const given = run(['no-such-program'], at, new OpeningBudget(), AbortSignal.timeout(25_000));
  await expect(given).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE', disposition: 'retry' });
});
