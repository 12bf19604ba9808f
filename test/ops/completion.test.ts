import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { runOps } from '../support/installation.ts';

const LAUNCHER = fileURLToPath(new URL('../../ops/airlock-ops.mjs', import.meta.url));
let script: string;
beforeAll(async () => {
  script = (await runOps('', ['completion', 'bash'])).stdout;
});

/** What bash offers after these words, the last of which is still being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const line = ['airlock-ops', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(${line})\nCOMP_CWORD=${words.length}\n_airlock_ops\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

test('bash completes nouns, verbs, options and the values of arguments', () => {
  expect(offered('')).toEqual(expect.arrayContaining(['partner', 'dead-letters', 'completion']));
  expect(offered('dead')).toEqual(['dead-letters']);
  expect(offered('dead-letters', 're')).toEqual(['redrive', 'remove']);
  expect(offered('--home', 'quarantine', 'inbox', '')).toEqual(['list', 'redeliver']);
  expect(offered('dead-letters', 'redrive', '--no')).toEqual(['--no-wait']);
  expect(offered('inbox', 'list', '--js')).toEqual(['--json']);
  expect(offered('completion', 'z')).toEqual(['zsh']);
});

test.each(['zsh', 'fish'])('%s has a completion with every noun', async (shell) => {
  const { code, stdout } = await runOps('', ['completion', shell]);
  expect(code).toBe(0);
  for (const noun of ['partner', 'dead-letters', 'quarantine']) expect(stdout).toContain(noun);
});

test('airlock-ops starts the same commands from any directory', () => {
  const { stdout, status } = spawnSync(process.execPath, [LAUNCHER, '--version'], {
    cwd: '/',
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});
