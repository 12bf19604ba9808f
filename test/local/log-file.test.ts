import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { openLogFile } from '../../local/log-file.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

test.runIf(mayMount())(
  'a full disk is reported once, and what was logged meanwhile is written when there is room',
  async () => {
    await using directory = await temporaryDirectory();
    using _disk = await mountMemory(directory.path, 1);
    const troubles: string[] = [];
    const path = join(directory.path, 'a.log');
    const filler = join(directory.path, 'filler');
    await using log = await openLogFile({
      path,
      onTrouble: (it) => troubles.push(it),
      retryMs: 20,
    });
    log.write('before');
    await until(
      () => readFile(path, 'utf8'),
      (text) => text === 'before\n',
    );
    await writeFile(filler, Buffer.alloc(2_000_000)).catch(() => {});

    const lines = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(1_000)}`);
    for (const line of lines) log.write(line);
    await until(
      () => troubles,
      ({ length }) => length > 0,
    );
    expect(troubles).toEqual([expect.stringMatching(/a\.log cannot be written: .*ENOSPC/)]);

    await truncate(filler);
    await until(
      () => troubles,
      ({ length }) => length > 1,
    );
    expect(troubles.slice(1)).toEqual([`${path} can be written again`]);
    expect(await readFile(path, 'utf8')).toBe(['before', ...lines, ''].join('\n'));
  },
);

test.runIf(mayMount())('beyond its memory the newest lines are dropped, and counted', async () => {
  await using directory = await temporaryDirectory();
  using _disk = await mountMemory(directory.path, 1);
  const troubles: string[] = [];
  const path = join(directory.path, 'a.log');
  const filler = join(directory.path, 'filler');
  await writeFile(filler, Buffer.alloc(2_000_000)).catch(() => {});
  const onTrouble = (it: string): unknown => troubles.push(it);
  await using log = await openLogFile({ path, onTrouble, retryMs: 20, maxWaitingBytes: 10 });
  for (const line of ['1234', '5678', 'lost', 'lost']) log.write(line);
  await until(
    () => troubles,
    ({ length }) => length > 0,
  );
  await truncate(filler);
  await until(
    () => troubles,
    ({ length }) => length > 1,
  );
  expect(troubles[1]).toMatch(/can be written again; 2 lines were lost/);
  expect(await readFile(path, 'utf8')).toBe('1234\n5678\n');
});

test('the lines of several processes do not mix, and only the owner may read them', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'a.log');
  {
    await using log = await openLogFile({ path, onTrouble: () => {} });
    const [one, two] = [new Readable({ read() {} }), new Readable({ read() {} })];
    log.writeFrom(one);
    log.writeFrom(two);
    const ended = Promise.all([one, two].map((it) => new Promise((done) => it.on('end', done))));
    one.push('on');
    two.push('two\n');
    one.push('e\nlast');
    two.push(null);
    one.push(null);
    await ended;
  }
  expect((await readFile(path, 'utf8')).split('\n').toSorted()).toEqual(['', 'last', 'one', 'two']);
  expect((await stat(path)).mode & 0o077).toBe(0);
});
