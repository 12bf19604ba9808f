import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { longestScanMs } from '../shared/engine/scan-time.ts';
import { describeError } from '../shared/platform/errors.ts';
import { createLog } from '../shared/platform/log.ts';
import { startClamd } from './clamd/clamd.ts';
import { chooseSignatures } from './clamd/signatures.ts';
import { socketPath } from './clamd/socket-path.ts';
import { ACCOUNT_ID, SETTINGS, startCloud } from './cloud.ts';
import { ensureDemoPartner } from './demo-partner.ts';
import { startGateway } from '../gateway/start.ts';
import { createEvent } from './events/bus-event.ts';
import type { EventBus } from './events/event-bus.ts';
import { lockInstance } from './instance-lock.ts';
import { type RunningFunction, startFunction } from './lambda/function.ts';
import { type RuntimeInfo, writeRuntimeInfo } from './runtime-info.ts';
import { loadOrCreateCredentials } from '../gateway/ssh/credentials.ts';
import { type QueueSpec, type Stack, withLogicalId } from './stack/stack.ts';
import { readTemplate } from './stack/template.ts';
import { StartError } from '../shared/platform/start-error.ts';

export type RuntimeOptions = {
  /** State directory; created when missing. Whatever must outlive a restart is below it. */
  readonly home: string;
  /** 0 = any free port. */
  readonly sftpPort: number;
  /** Default: the project's own template.yaml. */
  readonly templatePath?: string;
  /** Template parameters, as `sam deploy --parameter-overrides` takes them. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** Signature directory, or `test` for our own; default: the system's, else our own. */
  readonly signatures?: string | undefined;
  /** Told, before anything is ingested, of the bus on which the endings will be announced. */
  readonly onBus?: (bus: EventBus) => void;
  /** Told of what a person should know but need not act on. */
  readonly warn: (what: string) => void;
  /** Gives up starting; loading a large signature database takes its time. */
  readonly signal?: AbortSignal;
};

/** A running Airlock. Disposing stops all of it, within seconds, and leaves no process. */
export interface Runtime extends AsyncDisposable {
  readonly info: RuntimeInfo;
  /** Objects that an earlier run had not settled; they are being ingested now. */
  readonly resumedCount: number;
  /** Process ids as they are at the moment. */
  readonly processes: () => {
    readonly clamd: number | undefined;
    readonly ingest: readonly number[];
  };
}

const HOST = '127.0.0.1';
/** As AWS Transfer Family would name one. */
const SERVER_ID = 's-local';
/** Ctrl-C does not wait longer than this for uploads in hand. */
const DRAIN_MS = 2_000;

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/**
 * What the sweep is asked for before the first worker lives: everything unsettled, since the queues
 * of the last run are gone with it, and every partial file, since its worker is, too.
 */
const SWEEP_AT_START = { unsettledAfterS: 0, partialAfterS: 0, includeRefused: true };

const SweepResult = v.object({ requeuedCount: v.number() });

/**
 * Starts the whole pipeline on this machine, set up as template.yaml says. Resolves when everything
 * is ready; then, and not before, `runtime.json` is there. When a part does not start, the others
 * are stopped again.
 *
 * @throws StartError with one sentence for whoever can mend it
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home, warn } = options;
  await using starting = new AsyncDisposableStack();

  const template = await readTemplate(options.templatePath ?? join(PROJECT, 'template.yaml'));
  const logs = await makeDirectory(join(home, 'logs'));
  starting.use(await lockInstance(home));
  const infoPath = join(home, 'runtime.json');
  await rm(infoPath, { force: true });

  const clamdDirectory = join(home, 'clamd');
  const cloud = starting.use(
    await startCloud({
      directory: join(home, 's3'),
      template,
      parameters: {
        FileSystemRoot: home,
        ClamdSocket: socketPath(clamdDirectory),
        // A laptop's signatures may be of any age, or have none; the start says which they are.
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
      onRestart: (why) => warn(`clamd ended (${why}) and is started again`),
      ...(options.signal && { signal: options.signal }),
    }),
  );

  // Made here, once: the ingest takes a missing root for a missing mount.
  await makeDirectory(environment['STAGING_ROOT'] ?? '', 0o700);
  const landingRoot = await makeDirectory(environment['LANDING_ROOT'] ?? '');
  const start = async (logicalId: string, keepsWarm?: boolean): Promise<RunningFunction> => {
    const logFile = join(logs, `${logicalId}.log`);
    const running = await startFunction({
      spec: withLogicalId(cloud.stack.functions, logicalId),
      root: PROJECT,
      settings: SETTINGS,
      endpoints: cloud.endpoints,
      sqs: cloud.sqs,
      queueUrl: cloud.queueUrl,
      logFile,
      onError: (error) => warn(`${describeError(error)} (log: ${logFile})`),
      ...(keepsWarm !== undefined && { keepsWarm }),
    });
    return starting.use(running);
  };
  const reconcile = await start('ReconcileFunction');
  const { requeuedCount } = v.parse(SweepResult, await reconcile.invoke(SWEEP_AT_START));
  const ingest = await start('IngestFunction');

  const identityProvider = await start('IdentityProviderFunction', true);
  const credentials = await loadOrCreateCredentials(join(home, 'sftp'));
  const { name: configBucket } = withLogicalId(cloud.stack.buckets, 'ConfigBucket');
  await ensureDemoPartner(cloud.s3, configBucket, credentials);
  const sftpLogFile = createWriteStream(join(logs, 'sftp.log'), { flags: 'a', mode: 0o600 });
  starting.defer(() => void sftpLogFile.end());
  const sftpLog = createLog((line) => sftpLogFile.write(`${line}\n`));
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

  const info: RuntimeInfo = {
    ...SETTINGS,
    pid: process.pid,
    sftp: { host: gateway.host, port: gateway.port, username, password, privateKeyPath },
    landingRoot,
    endpoints: cloud.endpoints,
    ...named(cloud.stack),
    clamd: { socket: clamd.socket, version: clamd.version, signatures: clamd.signatures },
    logs,
  };
  await writeRuntimeInfo(infoPath, info);
  starting.defer(() => rm(infoPath, { force: true }));

  const parts = starting.move();
  return {
    info,
    resumedCount: requeuedCount,
    processes: () => ({ clamd: clamd.pid, ingest: ingest.pids() }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function named(
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
