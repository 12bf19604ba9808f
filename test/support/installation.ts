import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { SETTINGS, startCloud } from '../../local/cloud.ts';
import { withLogicalId } from '../../local/stack/stack.ts';
import { readTemplate } from '../../local/stack/template.ts';
import { ACT_DETAIL_TYPE } from '../../shared/acts/eventbridge-acts.ts';
import { OperatorAct } from '../../shared/acts/operator-act.ts';
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

/** What the CLI finds on a machine where Airlock runs, with no worker and no SFTP server behind it. */
export interface Installation extends AsyncDisposable {
  readonly home: string;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly s3Endpoint: string;
  readonly eventsEndpoint: string;
  readonly configBucket: string;
  readonly inboxBucket: string;
  /** Physical id of a resource of the template. */
  physicalId(logicalId: string): string;
  /** What operators did, as the event bus was told. */
  readonly acts: readonly OperatorAct[];
  /** @param words of the command after `npm run ops --` */
  ops(words: readonly string[], input?: string): Promise<OpsRun>;
}

/** The template's buckets, queues and event bus on stand-ins, and the `runtime.json` that leads there. */
export async function startInstallation(): Promise<Installation> {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await temporaryDirectory()).path;
  const cloud = starting.use(
    await startCloud({
      home,
      template: await readTemplate(`${ROOT}template.yaml`),
      parameters: {},
      warn: () => {},
    }),
  );
  const acts: OperatorAct[] = [];
  cloud.bus.subscribe((event) => {
    if (event['detail-type'] === ACT_DETAIL_TYPE) acts.push(v.parse(OperatorAct, event.detail));
  });
  const { stack, endpoints, s3, sqs } = cloud;
  const resources = Object.fromEntries([
    ...[...stack.buckets, ...stack.functions].map((it) => [it.logicalId, it.name]),
    ...stack.queues.map((it) => [it.logicalId, it.url]),
  ]);
  const environments = stack.functions.map((it) => [it.logicalId, it.environment]);
  await writeFile(
    join(home, 'runtime.json'),
    JSON.stringify({
      ...SETTINGS,
      pid: process.pid,
      endpoints,
      resources,
      environments: Object.fromEntries(environments),
    }),
  );
  const parts = starting.move();
  return {
    home,
    s3,
    sqs,
    s3Endpoint: endpoints.s3,
    eventsEndpoint: endpoints.eventbridge,
    configBucket: withLogicalId(stack.buckets, 'ConfigBucket').name,
    inboxBucket: withLogicalId(stack.buckets, 'InboxBucket').name,
    physicalId: (logicalId) => resources[logicalId] ?? '',
    acts,
    ops: (words, input) => runOps(home, words, input),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
