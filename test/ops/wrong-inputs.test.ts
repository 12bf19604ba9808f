import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installation, runOps, startInstallation } from '../support/installation.ts';

let airlock: Installation;
beforeAll(async () => {
  airlock = await startInstallation();
});
afterAll(async () => airlock?.[Symbol.asyncDispose]());

/** A wrong input, the documented exit code, and what the one line about it must name. */
type Row = readonly [words: string, code: number, says: RegExp];

const WRONG: Readonly<Record<string, readonly Row[]>> = {
  'dead-letters list': [
    ['--queue nonsense', 2, /--queue.*nonsense/],
    ['--limit 0', 2, /--limit.*'0'/],
    ['--limit many', 2, /--limit.*many/],
    ['--older-than yesterday', 2, /--older-than.*90s, 30m/],
    ['--newer-than 5', 2, /--newer-than.*'5'/],
    ['--code NOSUCH', 2, /NOSUCH/],
    ['--id 00000000', 3, /00000000/],
    ['--partner', 2, /--partner.*argument missing/],
    ['--nonsense', 2, /--nonsense/],
    ['acme', 2, /too many arguments/],
  ],
  'dead-letters show': [
    ['', 2, /missing required argument 'id'/],
    ['00000000', 3, /00000000/],
    ['one two', 2, /too many arguments/],
    ['--code X', 2, /--code/],
  ],
  'dead-letters redrive': [
    ['', 2, /not clear which/],
    ['--limit 3', 2, /not clear which/],
    ['--all --partner acme', 2, /--all was given together/],
    ['--code NOSUCH', 2, /NOSUCH/],
    ['--id 00000000', 3, /00000000/],
    ['--all --queue invocation', 2, /invocation cannot be redriven/],
    ['--all --wait soon', 2, /--wait.*soon/],
    ['--all --wait 0', 2, /--wait.*'0'/],
    ['--all --even-so', 2, /no reason was given/],
    ['--all --reason=', 2, /--reason must have/],
    ['--older-than 1week --all', 2, /--older-than/],
  ],
  'dead-letters remove': [
    ['', 2, /not clear which/],
    ['--all', 2, /cannot be undone/],
    ['--id 00000000', 2, /cannot be undone/],
    ['--id 00000000 --reason tidy', 3, /00000000/],
    ['--code NOSUCH --reason tidy', 2, /NOSUCH/],
    ['--all --reason=', 2, /--reason must have/],
    ['--all --code X --reason tidy', 2, /--all was given together/],
    ['--older-than 3 --reason tidy', 2, /--older-than/],
    ['--queue nonsense --all --reason tidy', 2, /--queue/],
    ['--reason', 2, /--reason.*argument missing/],
  ],
  'inbox list': [
    ['--ending lost', 2, /no ending lost/],
    ['--limit 0', 2, /--limit/],
    ['--limit -1', 2, /--limit/],
    ['--limit 1e3', 2, /--limit/],
    ['--prefix', 2, /--prefix.*argument missing/],
    ['acme/', 2, /too many arguments/],
    ['--partner acme', 2, /--partner/],
  ],
  'inbox redeliver': [
    ['', 2, /not clear which files/],
    ['--all --prefix acme/', 2, /not clear which files/],
    ['--key a --all', 2, /not clear which files/],
    ['--key', 2, /--key.*argument missing/],
    ['--all --reason=', 2, /--reason must have/],
    ['--version x --all', 2, /--version/],
    ['acme/', 2, /too many arguments/],
  ],
  'quarantine list': [
    ['--verdict clean', 2, /--verdict.*clean/],
    ['--prefix', 2, /--prefix.*argument missing/],
    ['acme/', 2, /too many arguments/],
    ['--nonsense', 2, /--nonsense/],
  ],
  'quarantine show': [
    ['', 2, /missing required argument 'key'/],
    ['nothing', 3, /no nothing in quarantine/],
    ['nothing --version v', 3, /no nothing in quarantine/],
    ['nothing --version', 2, /--version.*argument missing/],
  ],
  'quarantine release': [
    ['', 2, /missing required argument 'key'/],
    ['nothing', 3, /no nothing in quarantine/],
    ['nothing --as nobody', 3, /no partner "nobody"/],
    ['nothing --as a', 2, /--as/],
    ['nothing --as a/b', 2, /--as/],
    ['nothing --yes', 3, /no nothing in quarantine/],
    ['nothing --reason=', 2, /--reason must have/],
    ['one two', 2, /too many arguments/],
  ],
  'quarantine discard': [
    ['', 2, /missing required argument 'key'/],
    ['nothing', 3, /no nothing in quarantine/],
    ['nothing --yes --reason tidy', 3, /no nothing in quarantine/],
    ['nothing --force', 2, /--force/],
  ],
  'signatures use': [
    ['', 2, /missing required argument 'version'/],
    ['1', 3, /no signatures 1/],
    ['1 --reason tidy', 3, /no signatures 1/],
    ['1 2', 2, /too many arguments/],
  ],
  'signatures release': [
    ['', 3, /no version is pinned/],
    ['v1', 2, /too many arguments/],
  ],
  completion: [
    ['', 2, /missing required argument 'shell'/],
    ['tcsh', 2, /tcsh.*bash, zsh, fish/],
  ],
  cost: [
    ['', 2, /--files/],
    ['--files many --avg-size 1MB', 2, /many/],
    ['--files 10 --avg-size big', 2, /big/],
    ['--files 10 --avg-size 1MB --landing-days x', 2, /x/],
    ['--files 10 --avg-size 1MB --prices /nowhere', 3, /nowhere/],
    ['--files -1 --avg-size 1MB', 2, /-1/],
  ],
  '': [
    ['bogus', 2, /unknown command 'bogus'/],
    ['dead-letters bogus', 2, /unknown command 'bogus'/],
    ['--bogus', 2, /unknown option '--bogus'/],
    ['--stack prod inbox list', 2, /--home and --stack/],
  ],
};

for (const [command, rows] of Object.entries(WRONG)) {
  describe(`ops ${command}`, () => {
    test.each(rows)('%s: exit code %i', async (words, code, says) => {
      const all = [...command.split(' '), ...words.split(' ')].filter(Boolean);
      const run = await airlock.ops(all);
      const [what = '', ...rest] = run.stderr.trimEnd().split('\n');
      expect({ ...run, what }).toMatchObject({
        code,
        stdout: '',
        what: expect.stringMatching(says),
      });
      expect(what).toMatch(/^ops: /);
      expect(rest.length).toBeLessThanOrEqual(2);
      expect(run.stderr).toMatch(/^how: /m);
    });
  });
}

test('with --json an error is JSON on standard error, with its code and exit code', async () => {
  const unknown = await airlock.ops(['quarantine', 'show', 'nothing', '--json']);
  expect(unknown).toMatchObject({ code: 3, stdout: '' });
  expect(JSON.parse(unknown.stderr)).toEqual({
    error: {
      code: 'no',
      exitCode: 3,
      what: 'there is no nothing in quarantine',
      how: '`quarantine list` shows what there is',
    },
  });
  const wrong = await airlock.ops(['--json', 'inbox', 'list', '--limit', 'x']);
  expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { code: 'usage', exitCode: 2 } });
});

test('a state directory that is empty, a file, or not ours is named', async () => {
  const list = ['inbox', 'list'];
  const empty = await runOps('', list, '', { AIRLOCK_HOME: '' });
  expect(empty).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('AIRLOCK_HOME is empty'),
  });
  const file = join(airlock.home, 'file');
  await writeFile(file, 'not a directory');
  const isFile = await runOps(file, list);
  expect(isFile).toMatchObject({ code: 1, stderr: expect.stringContaining('no Airlock runs') });
  const foreign = join(airlock.home, 's3');
  await writeFile(join(foreign, 'runtime.json'), '{"pid": "x"}');
  const notOurs = await runOps(foreign, list);
  expect(notOurs).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('runtime.json is not'),
  });
});

test('--version prints the version of Airlock, and leaves --version of a file alone', async () => {
  expect((await runOps('', ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const show = await airlock.ops(['quarantine', 'show', 'x', '--version', 'v']);
  expect(show).toMatchObject({ code: 3, stderr: expect.stringContaining('of version v') });
});
