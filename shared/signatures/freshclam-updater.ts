import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { errorCode } from '../platform/errors.ts';
import { freshclamConfiguration, type Mirrors } from './freshclam-configuration.ts';
import type { Updater } from './updater.ts';

/** freshclam's last lines are enough to see why it failed. */
const TAIL_LINES = 5;

/** Runs freshclam as the current user, with a configuration written here. */
export function freshclamUpdater(mirrors: Mirrors, configurationDirectory: string): Updater {
  return {
    async update(directory, signal) {
      const configuration = join(configurationDirectory, 'freshclam.conf');
      // Started by root (never on Lambda) it would switch to a user who may not write there.
      const owner = process.getuid?.() === 0 ? 'root' : 'clamav';
      await writeFile(configuration, freshclamConfiguration(directory, mirrors, owner));
      await run(
        [
          `--config-file=${configuration}`,
          '--stdout',
          ...(mirrors.official === '' ? ['--update-db=custom'] : []),
        ],
        signal,
      );
    },
  };
}

async function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  const freshclam = spawn('freshclam', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withoutCredentials(process.env),
    signal,
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<string>();
  freshclam.once('error', reject);
  freshclam.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
  const output = Promise.all([text(freshclam.stdout), text(freshclam.stderr)]);
  output.catch(() => {});
  const ending = await ended.catch((cause: unknown) => {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    throw new Error('freshclam is not installed', { cause });
  });
  if (ending === 'exit code 0') return;
  const lines = (await output).join('\n').trim().split('\n').slice(-TAIL_LINES);
  throw new Error(`freshclam could not update the database (${ending}): ${lines.join(' | ')}`);
}

/** freshclam needs the rest, such as proxy settings. */
function withoutCredentials(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const known = Object.entries(environment).filter(([name]) => !name.startsWith('AWS_'));
  return Object.fromEntries(known);
}
