import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { longestScanMs } from '../shared/engine/scan-time.ts';
import { describeError } from '../shared/platform/errors.ts';
import { createLog } from '../shared/platform/log.ts';
import { startClamd } from './clamd/clamd.ts';
import { chooseSignatures } from './clamd/signatures.ts';
import { socketPath } from './clamd/socket-path.ts';
import { ACCOUNT_ID, type Cloud, type Ports, SETTINGS, startCloud } from './cloud.ts';
import { ensureDemoPartner } from './demo-partner.ts';
import { openHome } from './home.ts';
import { startGateway } from '../gateway/start.ts';
import { createEvent } from './events/bus-event.ts';
import type { EventBus } from './events/event-bus.ts';
import { lockInstance } from './instance-lock.ts';
import { type RunningFunction, startFunction } from './lambda/function.ts';
import { openLogFile, type LogFile } from './log-file.ts';
import { type RuntimeInfo, writeRuntimeInfo } from './runtime-info.ts';
import { loadOrCreateCredentials } from '../gateway/ssh/credentials.ts';
import { type QueueSpec, type Stack, withLogicalId } from './stack/stack.ts';
import { readTemplate } from './stack/template.ts';
import { StartError } from '../shared/platform/start-error.ts';

export type RuntimeOptions = {
  /** State directory, created when missing; holds everything that survives a restart. */
  readonly home: string;
  /** 0 = any free port. */
  readonly sftpPort: number;
  /** Of the stand-ins. */
  readonly ports?: Ports;
  /** Default: the project's own template.yaml. */
  readonly templatePath?: string;
  /** Template parameters, as `sam deploy --parameter-overrides` takes them. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** Signature directory, or `test` for the test signatures. Default: the system's, else the test signatures. */
  readonly signatures?: string | undefined;
  /** Called before anything is ingested, with the bus on which the outcomes are announced. */
  readonly onBus?: (bus: EventBus) => void;
  /** Called with things a person should know but need not act on. */
  readonly warn: (what: string) => void;
  /** Aborts the start, which may take long with a large signature database. */
  readonly signal?: AbortSignal;
};

/** A running Airlock. Disposing stops all of it within seconds and leaves no process. */
export interface Runtime extends AsyncDisposable {
  readonly info: RuntimeInfo;
  /** Objects that an earlier run had not settled, and that are being ingested now. */
  readonly resumedCount: number;
  /** Current process ids. */
  readonly processes: () => {
    readonly clamd: number | undefined;
    readonly ingest: readonly number[];
  };
}

const HOST = '127.0.0.1';
/** In the form of AWS Transfer Family's. */
const SERVER_ID = 's-local';
/** How long Ctrl-C waits for open uploads. */
const DRAIN_MS = 2_000;

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const SweepResult = v.object({ requeuedCount: v.number(), failedCount: v.number() });

/**
 * Starts the whole pipeline on this machine, as template.yaml describes it. Resolves when everything
 * is ready and `runtime.json` is written. When a part does not start, the others are stopped again.
 *
 * @throws StartError with one sentence that says how to fix it
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home, warn } = options;
  await using starting = new AsyncDisposableStack();

  const template = await readTemplate(options.templatePath ?? join(PROJECT, 'template.yaml'));
  await openHome(home);
  const logs = join(home, 'logs');
  starting.use(await lockInstance(home));
  const infoPath = join(home, 'runtime.json');
  await rm(infoPath, { force: true });

  const clamdDirectory = join(home, 'clamd');
  const cloud = starting.use(
    await startCloud({
      home,
      ...(options.ports && { ports: options.ports }),
      template,
      parameters: {
        FileSystemRoot: home,
        ClamdSocket: socketPath(clamdDirectory),
        // Locally any age will do; the banner prints it.
        MaxSignatureAgeHours: 0,
        ...options.parameters,
      },
      warn,
    }),
  );
  options.onBus?.(cloud.bus);
  const { timeoutMs, environment } = withLogicalId(cloud.stack.functions, 'IngestFunction');

  const clamd = starting.use(
    await startClamd({
      directory: clamdDirectory,
      logFile: join(logs, 'clamd.log'),
      signatures: await chooseSignatures(options.signatures),
      maxScanTimeMs: longestScanMs(timeoutMs),
      abandonedAfterMs: timeoutMs,
      onRestart: (why) => warn(`clamd ended (${why}) and is being restarted`),
      ...(options.signal && { signal: options.signal }),
    }),
  );

  // Created here once: to the ingest a missing root is a missing mount.
  await makeDirectory(environment['INCOMING_ROOT'] ?? '', 0o700);
  const landingRoot = await makeDirectory(environment['LANDING_ROOT'] ?? '');
  const tmpRoot = join(home, 'tmp');
  // What killed workers had staged. The directory itself may be a mount.
  await makeDirectory(tmpRoot, 0o700);
  for (const left of await readdir(tmpRoot)) {
    await rm(join(tmpRoot, left), { recursive: true, force: true });
  }
  const openLog = async (name: string): Promise<LogFile> =>
    starting.use(await openLogFile({ path: join(logs, name), onTrouble: warn }));
  const start = async (logicalId: string, keepsWarm?: boolean): Promise<RunningFunction> => {
    const logFile = join(logs, `${logicalId}.log`);
    const log = await openLog(`${logicalId}.log`);
    const running = await startFunction({
      spec: withLogicalId(cloud.stack.functions, logicalId),
      root: PROJECT,
      settings: SETTINGS,
      endpoints: cloud.endpoints,
      sqs: cloud.sqs,
      queueUrl: cloud.queueUrl,
      log,
      tmpRoot,
      onError: (error) => warn(`${describeError(error)} (log: ${logFile})`),
      ...(keepsWarm !== undefined && { keepsWarm }),
    });
    return starting.use(running);
  };
  const reconcile = await start('ReconcileFunction');
  const resumedCount = await sweepEverything(reconcile, cloud, warn);
  const ingest = await start('IngestFunction');

  const identityProvider = await start('IdentityProviderFunction', true);
  const credentials = await loadOrCreateCredentials(join(home, 'sftp'));
  const { name: configBucket } = withLogicalId(cloud.stack.buckets, 'ConfigBucket');
  await ensureDemoPartner(cloud.s3, configBucket, credentials);
  const sftpLog = createLog((await openLog('sftp.log')).write);
  const gateway = starting.use(
    await startGateway({
      host: HOST,
      port: options.sftpPort,
      portSetting: 'AIRLOCK_SFTP_PORT',
      hostKey: credentials.hostKey,
      log: (event, fields) => sftpLog.info(event, fields),
      storage: { ...SETTINGS, endpoint: cloud.endpoints.s3 },
      identify: (request) => identityProvider.invoke(request),
      publish: ({ detailType, detail }) => {
        const event = { source: 'aws.transfer', detailType, detail, at: new Date() };
        void cloud.bus.publish(
          createEvent(event, { account: ACCOUNT_ID, region: SETTINGS.region }),
        );
      },
      serverId: SERVER_ID,
      drainMs: DRAIN_MS,
    }),
  );
  const { username, password, privateKeyPath } = credentials;

  // A copy: the SDK notes in the object that it was given where credentials come from, as `$source`.
  const { accessKeyId, secretAccessKey } = SETTINGS.credentials;
  const info: RuntimeInfo = {
    region: SETTINGS.region,
    credentials: { accessKeyId, secretAccessKey },
    pid: process.pid,
    sftp: { host: gateway.host, port: gateway.port, username, password, privateKeyPath },
    landingRoot,
    endpoints: cloud.endpoints,
    ...resourcesOf(cloud.stack),
    clamd: { socket: clamd.socket, version: clamd.version, signatures: clamd.signatures },
    logs,
  };
  await writeRuntimeInfo(infoPath, info);
  starting.defer(() => rm(infoPath, { force: true }));

  const parts = starting.move();
  return {
    info,
    resumedCount,
    processes: () => ({ clamd: clamd.pid, ingest: ingest.pids() }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/**
 * The sweep before the first worker starts: it requeues everything unsettled, since the last run's ingest queue is gone,
 * and removes every partial file, since no worker is running. What was dead-lettered waits in its queue; it is requeued
 * only where an earlier version of Airlock did not keep that queue. A sweep that fails is no reason not to start: it is
 * repeated on its schedule.
 *
 * @returns how many uploads were requeued
 */
async function sweepEverything(
  reconcile: RunningFunction,
  { remembersDeadLetters }: Cloud,
  warn: (what: string) => void,
): Promise<number> {
  const request = {
    unsettledAfterS: 0,
    partialAfterS: 0,
    includeRefused: !remembersDeadLetters,
  };
  try {
    const result = v.parse(SweepResult, await reconcile.invoke(request));
    if (result.failedCount > 0) {
      const log = 'ReconcileFunction.log has the reasons';
      warn(`${result.failedCount} upload(s) of an earlier run could not be requeued (${log})`);
    }
    return result.requeuedCount;
  } catch (error) {
    warn(`the inbox could not be swept for unfinished uploads: ${describeError(error)}`);
    return 0;
  }
}

function resourcesOf(
  stack: Stack,
): Pick<RuntimeInfo, 'buckets' | 'queues' | 'topics' | 'resources' | 'environments'> {
  const queue = (logicalId: string): Pick<QueueSpec, 'url' | 'arn'> => {
    const { url, arn } = withLogicalId(stack.queues, logicalId);
    return { url, arn };
  };
  return {
    buckets: {
      inbox: withLogicalId(stack.buckets, 'InboxBucket').name,
      quarantine: withLogicalId(stack.buckets, 'QuarantineBucket').name,
    },
    queues: {
      ingest: queue('IngestQueue'),
      deadLetter: queue('IngestDeadLetterQueue'),
      undeliveredEvent: queue('UndeliveredEventQueue'),
    },
    topics: { notices: { arn: withLogicalId(stack.topics, 'NoticesTopic').arn } },
    resources: Object.fromEntries([
      ...[...stack.buckets, ...stack.functions].map(({ logicalId, name }) => [logicalId, name]),
      ...stack.queues.map(({ logicalId, url }) => [logicalId, url]),
      ...stack.topics.map(({ logicalId, arn }) => [logicalId, arn]),
    ]),
    environments: Object.fromEntries(
      stack.functions.map(({ logicalId, environment }) => [logicalId, environment]),
    ),
  };
}

async function makeDirectory(path: string, mode?: number): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode });
    return path;
  } catch (cause) {
    throw new StartError(`${path} cannot be created: ${describeError(cause)}.`, { cause });
  }
}
