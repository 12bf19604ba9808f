import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { reconcileBucket } from '../shared/pipeline/reconcile-bucket.ts';
import { describeError, errorCode } from '../shared/platform/errors.ts';
import { createLog, type Log } from '../shared/platform/log.ts';
import { sqsWorkQueue } from '../shared/queue/sqs-work-queue.ts';
import { s3Inventory } from '../shared/settle/s3-inventory.ts';
import { startClamd } from './clamd/clamd.ts';
import { chooseSignatures } from './clamd/signatures.ts';
import { socketPath } from './clamd/socket-path.ts';
import type { ClientSettings } from './client-settings.ts';
import type { EventBus } from './events/event-bus.ts';
import { startEventBridge } from './events/server.ts';
import { parseTarget } from './events/target.ts';
import { lockInstance } from './instance-lock.ts';
import { type RunningFunction, startFunction } from './lambda/function.ts';
import { startMessaging } from './messaging/messaging.ts';
import { type RuntimeInfo, writeRuntimeInfo } from './runtime-info.ts';
import { startS3 } from './s3/server.ts';
import { type Credentials, demoPartner, loadOrCreateCredentials } from './sftp/credentials.ts';
import { startSftpDoor, type SftpDoor } from './sftp/server.ts';
import { describeStack, type RuleSpec, withLogicalId } from './stack/stack.ts';
import { readTemplate } from './stack/template.ts';
import { StartError } from './start-error.ts';

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

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const HOST = '127.0.0.1';
const ACCOUNT_ID = '000000000000';
const SETTINGS: ClientSettings = {
  region: 'eu-central-1',
  // Any will do: the stand-ins check no signature. They are printed, so that tools can be pointed here.
  credentials: { accessKeyId: 'airlock', secretAccessKey: 'airlock' },
};

/** clamd gives up on a file this long before the function that waits for it is killed. */
const SCAN_MARGIN_MS = 15_000;

/**
 * Starts the whole pipeline on this machine, set up as template.yaml says. Resolves when everything
 * is ready; then, and not before, `runtime.json` is there. When a part does not start, the others
 * are stopped again.
 *
 * @throws StartError with one sentence for whoever can mend it
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home, warn } = options;
  const { region } = SETTINGS;
  await using starting = new AsyncDisposableStack();

  const template = await readTemplate(options.templatePath ?? join(PROJECT, 'template.yaml'));
  const logs = await makeDirectory(home, 'logs');
  starting.use(await lockInstance(home));
  const infoPath = join(home, 'runtime.json');
  await rm(infoPath, { force: true });

  const messaging = starting.use(await startMessaging(SETTINGS));
  const { sqs, sns } = messaging;
  const clamdDirectory = join(home, 'clamd');
  const stack = describeStack(
    template,
    { region, accountId: ACCOUNT_ID, stackName: 'airlock', sqsEndpoint: messaging.endpoint },
    { FileSystemRoot: home, ClamdSocket: socketPath(clamdDirectory), ...options.parameters },
  );
  const inbox = withLogicalId(stack.buckets, 'InboxBucket');
  const quarantine = withLogicalId(stack.buckets, 'QuarantineBucket');
  const ingestQueue = withLogicalId(stack.queues, 'IngestQueue');
  const deadLetterQueue = withLogicalId(stack.queues, 'IngestDeadLetterQueue');
  const undeliveredQueue = withLogicalId(stack.queues, 'UndeliveredEventQueue');
  const ingest = withLogicalId(stack.functions, 'IngestFunction');
  const queueUrl = (arn: string): string =>
    stack.queues.find((queue) => queue.arn === arn)?.url ?? arn;
  await messaging.create(stack.queues, stack.topics);

  const events = starting.use(
    await startEventBridge({
      region,
      accountId: ACCOUNT_ID,
      sqs,
      sns,
      queueUrl,
      onDropped: ({ targetArn, error }) =>
        warn(`an event for ${targetArn} was lost: ${describeError(error)}`),
    }),
  );
  for (const rule of stack.rules) putRule(events.bus, rule);
  options.onBus?.(events.bus);

  const clamd = starting.use(
    await startClamd({
      directory: clamdDirectory,
      logFile: join(logs, 'clamd.log'),
      signatures: await chooseSignatures(options.signatures),
      maxScanTimeMs: Math.max(ingest.timeoutMs - SCAN_MARGIN_MS, ingest.timeoutMs / 2),
      onRestart: (why) => warn(`clamd ended (${why}) and is started again`),
    }),
  );

  const s3 = starting.use(
    await startS3({
      root: join(home, 's3'),
      region,
      accountId: ACCOUNT_ID,
      emit: (event) => events.bus.publish(event),
    }),
  );
  for (const bucket of stack.buckets) s3.ensureBucket(bucket.name, bucket);

  const client = new S3Client({ ...SETTINGS, endpoint: s3.endpoint });
  starting.defer(() => client.destroy());
  // No worker lives yet, so whatever is staged was left by one that died.
  await rm(ingest.environment['STAGING_ROOT'] ?? '', { recursive: true, force: true });
  const landingRoot = await makeDirectory(ingest.environment['LANDING_ROOT'] ?? '');
  const resumedCount = await reconcileBucket(
    inbox.name,
    {
      inventory: s3Inventory(client),
      queue: sqsWorkQueue(sqs, { queue: ingestQueue.url, deadLetter: deadLetterQueue.url }),
    },
    AbortSignal.timeout(600_000),
  );

  const endpoints = {
    s3: s3.endpoint,
    sqs: messaging.endpoint,
    sns: messaging.endpoint,
    eventbridge: events.endpoint,
  };
  const running: RunningFunction[] = [];
  for (const spec of stack.functions) {
    const logFile = join(logs, `${spec.logicalId}.log`);
    const onError = (error: unknown): void => warn(`${describeError(error)} (log: ${logFile})`);
    running.push(
      starting.use(
        await startFunction({
          spec,
          root: PROJECT,
          settings: SETTINGS,
          endpoints,
          sqs,
          queueUrl,
          logFile,
          onError,
        }),
      ),
    );
  }

  const credentials = await loadOrCreateCredentials(join(home, 'sftp'));
  const doorFile = createWriteStream(join(logs, 'sftp.log'), { flags: 'a' });
  starting.defer(() => {
    doorFile.end();
  });
  const doorLog = createLog((line) => doorFile.write(`${line}\n`));
  const door = starting.use(
    await openDoor(options.sftpPort, client, credentials, inbox.name, doorLog),
  );

  const info: RuntimeInfo = {
    ...SETTINGS,
    pid: process.pid,
    sftp: {
      host: HOST,
      port: door.port,
      username: credentials.username,
      password: credentials.password,
      privateKeyPath: credentials.privateKeyPath,
    },
    landingRoot,
    endpoints,
    buckets: { inbox: inbox.name, quarantine: quarantine.name },
    queues: {
      ingest: { url: ingestQueue.url, arn: ingestQueue.arn },
      deadLetter: { url: deadLetterQueue.url, arn: deadLetterQueue.arn },
      undeliveredEvent: { url: undeliveredQueue.url, arn: undeliveredQueue.arn },
    },
    topics: { notices: { arn: withLogicalId(stack.topics, 'NoticesTopic').arn } },
    clamd: { socket: clamd.socket, version: clamd.version, signatures: clamd.signatures },
    logs,
  };
  await writeRuntimeInfo(infoPath, info);
  starting.defer(() => rm(infoPath, { force: true }));

  const parts = starting.move();
  return {
    info,
    resumedCount,
    processes: () => ({ clamd: clamd.pid, ingest: running.flatMap(({ pids }) => pids()) }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function putRule(bus: EventBus, { name, pattern, enabled, targets }: RuleSpec): void {
  try {
    bus.putRule({ name, pattern, enabled });
    bus.putTargets(name, targets.map(parseTarget));
  } catch (cause) {
    throw new StartError(`The template's rule ${name} is wrong: ${describeError(cause)}.`, {
      cause,
    });
  }
}

async function openDoor(
  port: number,
  s3: S3Client,
  credentials: Credentials,
  inbox: string,
  log: Log,
): Promise<SftpDoor> {
  try {
    return await startSftpDoor({
      host: HOST,
      port,
      hostKey: credentials.hostKey,
      s3,
      serverId: 's-local',
      authenticate: demoPartner(credentials, inbox),
      log: (line, fields) => log.info(line, fields),
    });
  } catch (cause) {
    if (errorCode(cause) === 'EADDRINUSE') {
      throw new StartError(`Port ${port} is in use; choose another with AIRLOCK_SFTP_PORT.`, {
        cause,
      });
    }
    if (errorCode(cause) === 'EACCES') {
      throw new StartError(
        `Port ${port} needs more rights; choose one above 1023 with AIRLOCK_SFTP_PORT.`,
        { cause },
      );
    }
    throw cause;
  }
}

async function makeDirectory(...segments: readonly string[]): Promise<string> {
  const path = join(...segments);
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (cause) {
    throw new StartError(`${path} cannot be created: ${describeError(cause)}.`, { cause });
  }
}
