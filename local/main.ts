import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openActLog } from './console/act-log.ts';
import { banner } from './console/banner.ts';
import { openNoticeLog } from './console/notice-log.ts';
import { startRuntime } from './runtime.ts';
import { StartError } from '../shared/platform/start-error.ts';
import { showInvisible, showInvisibleInLines } from '../shared/platform/control-characters.ts';
import { describeError } from '../shared/platform/errors.ts';
import { stateDirectory } from '../shared/platform/state-directory.ts';
import { untilStopped } from '../shared/platform/until-stopped.ts';

const HELP = `Runs the whole Airlock pipeline on this machine: SFTP server, S3, EventBridge, SQS, SNS, ingest and clamd.

Usage: npm start

Environment:
  AIRLOCK_HOME        State directory. Default: .airlock in the project.
  AIRLOCK_SFTP_PORT   Port of the SFTP server on 127.0.0.1; 0 for any free one. Default: 2222.
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
  const home = await makeHome(process.env['AIRLOCK_HOME']);
  const stopping = new AbortController();
  const stopped = untilStopped().then(() => stopping.abort());
  const noticesFile = join(home, 'notices.jsonl');
  await using notices = openNoticeLog(noticesFile, (line) => console.log(line));
  await using acts = openActLog(join(home, 'acts.jsonl'), (line) => console.log(line));
  await using runtime = await startRuntime({
    home,
    sftpPort: sftpPort(process.env['AIRLOCK_SFTP_PORT'] ?? '2222'),
    signatures: process.env['AIRLOCK_SIGNATURES'],
    onBus(bus) {
      bus.subscribe(notices.onEvent);
      bus.subscribe(acts.onEvent);
    },
    signal: stopping.signal,
    warn: (what) => console.error(showInvisibleInLines(`airlock: ${what}`)),
  });
  console.log(banner(runtime, noticesFile));
  await stopped;
  console.log('\nStopping ...');
}

function wantsHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values.help === true;
  } catch (cause) {
    throw new StartError('npm start takes no arguments but --help.', { cause });
  }
}

async function makeHome(given: string | undefined): Promise<string> {
  const home = stateDirectory(given);
  if (home === undefined) {
    throw new StartError('AIRLOCK_HOME is empty; name a directory, or unset it for .airlock.');
  }
  try {
    await mkdir(home, { recursive: true });
    return resolve(home);
  } catch (cause) {
    const why = describeError(cause);
    throw new StartError(
      `AIRLOCK_HOME is ${home}, which cannot be a state directory: ${why}. Name another.`,
      { cause },
    );
  }
}

function sftpPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new StartError(`AIRLOCK_SFTP_PORT is "${text}"; it must be a number from 0 to 65535.`);
}
