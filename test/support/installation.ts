import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { startS3 } from '../../local/s3/server.ts';
import { describeStack, withLogicalId } from '../../local/stack/stack.ts';
import { readTemplate } from '../../local/stack/template.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type OpsRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * Runs the operator's CLI as a process of its own, with `input` as its standard input.
 *
 * @param home empty for a command that is not about an Airlock on this machine
 */
export async function runOps(
  home: string,
  words: readonly string[],
  input = '',
  environment: Readonly<Record<string, string>> = {},
): Promise<OpsRun> {
  const where = home === '' ? [] : ['--home', home];
  const child = spawn(process.execPath, [join(ROOT, 'ops/main.ts'), ...where, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
  // A command that refuses does not read what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode ?? -1, stdout, stderr };
}

/** What the CLI finds on a machine where Airlock runs, with S3 alone behind it. */
export interface Installation extends AsyncDisposable {
  readonly home: string;
  readonly s3: S3Client;
  readonly s3Endpoint: string;
  readonly configBucket: string;
  readonly inboxBucket: string;
  /** @param words of the command after `npm run ops --` */
  ops(words: readonly string[], input?: string): Promise<OpsRun>;
}

/** The template's buckets on a stand-in, and the `runtime.json` that leads there. */
export async function startInstallation(): Promise<Installation> {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await temporaryDirectory()).path;
  const place = {
    region: 'eu-central-1',
    accountId: '000000000000',
    stackName: 'airlock',
    sqsEndpoint: 'http://127.0.0.1:9',
  };
  const stack = describeStack(await readTemplate(`${ROOT}template.yaml`), place);
  const standIn = starting.use(
    await startS3({
      root: join(home, 's3'),
      region: place.region,
      accountId: place.accountId,
      emit() {},
    }),
  );
  for (const bucket of stack.buckets) standIn.ensureBucket(bucket.name, bucket);
  const { region } = place;
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const resources = [...stack.buckets, ...stack.functions].map((it) => [it.logicalId, it.name]);
  const environments = stack.functions.map((it) => [it.logicalId, it.environment]);
  await writeFile(
    join(home, 'runtime.json'),
    JSON.stringify({
      pid: process.pid,
      region,
      credentials,
      endpoints: { s3: standIn.endpoint },
      resources: Object.fromEntries(resources),
      environments: Object.fromEntries(environments),
    }),
  );
  const s3 = new S3Client({ region, credentials, endpoint: standIn.endpoint });
  starting.defer(() => s3.destroy());
  const parts = starting.move();
  return {
    home,
    s3,
    s3Endpoint: standIn.endpoint,
    configBucket: withLogicalId(stack.buckets, 'ConfigBucket').name,
    inboxBucket: withLogicalId(stack.buckets, 'InboxBucket').name,
    ops: (words, input) => runOps(home, words, input),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
