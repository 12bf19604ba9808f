import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Whether `npm test` could compile the runtime interface client on this machine. */
export async function hasRuntimeClient(): Promise<boolean> {
  return await access(join(PROJECT, 'image/node_modules/aws-lambda-ric/rapid-client.node')).then(
    () => true,
    () => false,
  );
}

/** Puts the bundled functions, and the runtime client in `client`, into a directory, as image/Dockerfile does. */
export async function build(directory: string): Promise<void> {
  const script = join(PROJECT, 'image/bundle.ts');
  await promisify(execFile)(process.execPath, [script, directory]);
  const dockerfile = await readFile(join(PROJECT, 'image/Dockerfile'), 'utf8');
  for (const [, path = ''] of dockerfile.matchAll(
    /\/build\/(node_modules\/aws-lambda-ric\/\S+)/g,
  )) {
    await cp(join(PROJECT, 'image', path), join(directory, 'client', basename(path)));
  }
}

/** The processes of an image: the entrypoint, and those that it starts. */
export interface Container extends AsyncDisposable {
  /** Id of the process whose command line contains this text. */
  readonly pidOf: (text: string) => Promise<number>;
  readonly output: () => Promise<string>;
  /** Resolves with the exit code of the runtime interface client. */
  readonly ended: Promise<number | null>;
  /** Signals all processes, as Lambda freezes and thaws an environment as a whole. */
  signal(name: NodeJS.Signals): void;
}

/**
 * @param task the output of `build`
 * @param directory becomes the container's /tmp
 */
export async function startContainer(
  task: string,
  directory: string,
  handler: string,
  environment: Readonly<Record<string, string>>,
): Promise<Container> {
  const logFile = join(directory, 'container.log');
  await using log = await open(logFile, 'a');
  const container: ChildProcess = spawn(join(PROJECT, 'image/entrypoint.sh'), [handler], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: process.env['PATH'] ?? '',
      RUNTIME_CLIENT: join(task, 'client/index.mjs'),
      LAMBDA_TASK_ROOT: task,
      TMPDIR: directory,
      TZ: ':UTC',
      AWS_LAMBDA_FUNCTION_NAME: 'function',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '4096',
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      ...environment,
    },
  });
  const exit = once(container, 'exit');
  await once(container, 'spawn');
  const pid = container.pid ?? 0;
  return {
    pidOf: (text) => pidIn(pid, text),
    output: () => readFile(logFile, 'utf8'),
    ended: exit.then(([code]) => code as number | null),
    signal: (name) => void process.kill(-pid, name),
    async [Symbol.asyncDispose]() {
      try {
        process.kill(-pid, 'SIGTERM');
      } catch {
        return; // all have ended
      }
      await untilGone(pid);
    },
  };
}

/** The process group exists as long as one of its processes. */
async function untilGone(pid: number): Promise<void> {
  await until(
    () => {
      try {
        return process.kill(-pid, 0);
      } catch {
        return false;
      }
    },
    (isAlive) => !isAlive,
  );
}

async function pidIn(group: number, text: string): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,command=']);
  const found = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .find(([, , pgid, command]) => Number(pgid) === group && command?.includes(text));
  return Number(found?.[1]);
}
