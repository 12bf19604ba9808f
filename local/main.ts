import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openActLog } from './console/act-log.ts';
import { banner } from './console/banner.ts';
import { openNoticeLog } from './console/notice-log.ts';
import { openHome } from './home.ts';
import { startRuntime } from './runtime.ts';
import { StartError } from '../shared/platform/start-error.ts';
import { showInvisible, showInvisibleInLines } from '../shared/platform/control-characters.ts';
import { stateDirectory } from '../shared/platform/state-directory.ts';
import { untilStopped } from '../shared/platform/until-stopped.ts';

const HELP = `Runs the whole Airlock pipeline on this machine: SFTP server, S3, EventBridge, SQS, SNS, ingest and clamd.

Usage: npm start

Environment:
  AIRLOCK_HOME        State directory. Default: .airlock in the project.
  AIRLOCK_SFTP_PORT   Port of the SFTP server on 127.0.0.1; 0 for any free one. Default: 2222.
  AIRLOCK_S3_PORT, AIRLOCK_EVENTBRIDGE_PORT, AIRLOCK_SQS_PORT
                      Ports of S3, of EventBridge, and of SQS and SNS. Default: any free ones.
  AIRLOCK_SIGNATURES  Directory of a ClamAV database, or "test" for the project's own test signatures.
                      Default: the system's database; the test signatures where there is none.

Ctrl-C stops everything. A second Ctrl-C does not wait.
`;

await main().catch((error: unknown) => {
  console.error(error instanceof StartError ? showInvisible(`airlock: ${error.message}`) : error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  if (wantsHelp()) {
    console.log(HELP);
    return;
  }
  const home = homeOf(process.env['AIRLOCK_HOME']);
  await openHome(home);
  const stopping = new AbortController();
  const stopped = untilStopped().then(() => stopping.abort());
  const noticesFile = join(home, 'notices.jsonl');
  await using notices = await openNoticeLog(noticesFile, (line) => console.log(line), warn);
  await using acts = await openActLog(join(home, 'acts.jsonl'), (line) => console.log(line), warn);
  await using runtime = await startRuntime({
    home,
    sftpPort: portOf('AIRLOCK_SFTP_PORT', '2222'),
    ports: {
      s3: portOf('AIRLOCK_S3_PORT', '0'),
      eventbridge: portOf('AIRLOCK_EVENTBRIDGE_PORT', '0'),
      sqs: portOf('AIRLOCK_SQS_PORT', '0'),
    },
    signatures: process.env['AIRLOCK_SIGNATURES'],
    onBus(bus) {
      bus.subscribe(notices.onEvent);
      bus.subscribe(acts.onEvent);
    },
    signal: stopping.signal,
    warn,
  });
  console.log(banner(runtime, noticesFile));
  await stopped;
  console.log('\nStopping ...');
}

function warn(what: string): void {
  console.error(showInvisibleInLines(`airlock: ${what}`));
}

function wantsHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values.help === true;
  } catch (cause) {
    throw new StartError('npm start takes no arguments but --help.', { cause });
  }
}

function homeOf(given: string | undefined): string {
  const home = stateDirectory(given);
  if (home !== undefined) return resolve(home);
  throw new StartError('AIRLOCK_HOME is empty; name a directory, or unset it for .airlock.');
}

function portOf(setting: string, fallback: string): number {
  const text = process.env[setting] ?? fallback;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new StartError(`${setting} is "${text}"; it must be a number from 0 to 65535.`);
}
