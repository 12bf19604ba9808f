import { execFileSync, spawn } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Airlock, startAirlock } from '../test/support/airlock.ts';
import { EICAR } from '../test/support/eicar.ts';
import { encryptedZip } from '../test/support/encrypted-zip.ts';
import { mayMount, mountMemory } from '../test/support/mount.ts';
import { temporaryDirectory } from '../test/support/temporary-directory.ts';
import { until } from '../test/support/until.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COLUMNS = 110;
/** The machine may be busy with other things. */
const PATIENCE = { patienceMs: 300_000 };

type Run = {
  readonly airlock: Airlock;
  /** Runs a command as an operator types it, on a terminal; it and what it prints go into the page. */
  readonly type: (command: string) => Promise<void>;
  /** Something an operator does besides, as it goes into the page. */
  readonly shell: (command: string, act: () => unknown) => Promise<void>;
};

type Scenario = {
  readonly heading: string;
  readonly about: string;
  readonly run: (run: Run) => Promise<void>;
};

const SCENARIOS: readonly Scenario[] = [
  {
    heading: 'An infected file',
    about:
      'A file matches a signature. It has not landed. Block the partner if more is to be feared, and discard the file once it was looked at.',
    async run({ airlock, type }) {
      await airlock.upload('acme/invoice.txt', EICAR);
      await inQuarantine(airlock, 'acme/invoice.txt');
      await type('quarantine list --verdict infected');
      await type('quarantine show acme/invoice.txt');
      await type('quarantine discard acme/invoice.txt --yes --reason "EICAR test of the partner"');
    },
  },
  {
    heading: 'A held file',
    about:
      'A file could not be scanned as a whole, and a person has decided that it may be delivered. The partner `released` is made once, and its logins are disabled ([below](#releasing-a-held-file)).',
    async run({ airlock, type }) {
      await airlock.upload('acme/vault.zip', encryptedZip());
      await inQuarantine(airlock, 'acme/vault.zip');
      await type('quarantine list --verdict unscannable');
      await type('partner add released --prefix released/ --deliver encrypted');
      await type(
        'quarantine release acme/vault.zip --as released --yes --reason "asked for by accounting"',
      );
      await delivered(airlock, 'acme/vault.zip');
    },
  },
  {
    heading: 'Refused by policy',
    about:
      "A partner's policy refuses a file that is wanted after all: change the policy, and redrive.",
    async run({ airlock, type }) {
      await airlock.upload('acme/setup.msi', 'not a real one');
      await deadLetter(airlock, 'acme/setup.msi');
      await type('dead-letters list');
      await type('partner change acme --refuse .exe');
      await type('dead-letters redrive --code POLICY_REFUSED --reason "agreed with acme"');
    },
  },
  {
    heading: 'A key collision',
    about: 'A file lies where a folder is needed: move it away, and redrive.',
    async run({ airlock, type, shell }) {
      await airlock.upload('acme/report', 'a file where a folder will be needed');
      await delivered(airlock, 'acme/report');
      await airlock.upload('acme/report/may.csv', 'the report');
      await deadLetter(airlock, 'acme/report/may.csv');
      await type('dead-letters list');
      await shell('mv .airlock/landing/acme/report .airlock/landing/acme/report.old', () =>
        rename(airlock.landed('acme/report'), airlock.landed('acme/report.old')),
      );
      await type('dead-letters redrive --code KEY_COLLIDES');
    },
  },
  {
    heading: 'A malformed message',
    about:
      'Something that is no arrival got into the ingest queue. There is no file behind it: find the sender, and remove it.',
    async run({ airlock, type }) {
      const { ingest } = airlock.info.queues;
      const MessageBody = '{"hello": "queue"}';
      await airlock.sqs.send(new SendMessageCommand({ QueueUrl: ingest.url, MessageBody }));
      await deadLetter(airlock, undefined);
      await type('dead-letters list --code EVENT_MALFORMED');
      await type('dead-letters redrive --code EVENT_MALFORMED --dry-run');
      await type('dead-letters remove --code EVENT_MALFORMED --reason "a test of the new rule"');
    },
  },
  {
    heading: 'clamd hung',
    about:
      'clamd does not answer. It is killed and started again by itself; files whose tries were used up meanwhile are redriven.',
    async run({ airlock, type }) {
      const { clamd = 0 } = airlock.runtime.processes();
      process.kill(clamd, 'SIGSTOP');
      await airlock.upload('acme/orders.csv', 'orders');
      await deadLetter(airlock, 'acme/orders.csv');
      await type('dead-letters list');
      await until(
        () => airlock.runtime.processes().clamd,
        (pid) => pid !== undefined && pid !== clamd,
        PATIENCE,
      );
      await type('dead-letters redrive --code SCANNER_UNAVAILABLE --wait 120');
      await type('inbox list --prefix acme/orders');
    },
  },
  {
    heading: 'The landing tree is read-only',
    about:
      'Files are tried again until the tries are used up. Make it writable, and redrive those that were given up.',
    async run({ airlock, type, shell }) {
      const mount = airlock.info.landingRoot.replace(/\/[^/]+$/, '');
      remount(mount, 'ro');
      await airlock.upload('acme/stock.csv', 'stock');
      await deadLetter(airlock, 'acme/stock.csv');
      await type('dead-letters list');
      await shell('mount -o remount,rw /srv/airlock', () => remount(mount, 'rw'));
      await type('dead-letters redrive --code LANDING_UNAVAILABLE');
    },
  },
];

/**
 * Runs every scenario against a whole Airlock, with real clamd and real files.
 *
 * @returns the section of docs/runbook.md. Tries are few and quick, so that it takes minutes
 */
export async function runbookTranscripts(): Promise<string> {
  if (!mayMount()) throw new Error('this takes root: a file system is mounted, and made read-only');
  await using home = await temporaryDirectory();
  const disk = join(home.path, 'disk');
  using _mounted = await mountMemory(disk, 64);
  await using airlock = await startAirlock({
    home: join(home.path, 'home'),
    parameters: { FileSystemRoot: disk, RetryBaseS: 1, MaxReceiveCount: 1 },
  });
  await ops(airlock, 'partner add acme --refuse .exe --refuse .msi');
  const sections: string[] = [];
  for (const { heading, about, run } of SCENARIOS) {
    const lines: string[] = [];
    await run({
      airlock,
      async type(command) {
        lines.push(`$ npm run ops -- ${command}`, await ops(airlock, command), '');
      },
      async shell(command, act) {
        await act();
        lines.push(`$ ${command}`, '');
      },
    });
    sections.push(`### ${heading}`, '', about, '', '```', lines.join('\n').trimEnd(), '```', '');
  }
  return sections.join('\n');
}

/** On a terminal of its own, as a person sees it. */
async function ops({ info }: Airlock, command: string): Promise<string> {
  const home = join(info.logs, '..');
  const line = `stty cols ${COLUMNS}; exec ${process.execPath} ${ROOT}ops/main.ts --home ${home} ${command}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stdout = await text(child.stdout);
  return (
    stdout
      .replaceAll('\r\n', '\n')
      .split('\n')
      // What a line of progress was overwritten by.
      .map((shown) => shown.split('\u001b[2K').at(-1)?.replaceAll('\r', '').trimEnd())
      .join('\n')
      .replaceAll(home, '.airlock')
      .trim()
  );
}

async function inQuarantine(airlock: Airlock, key: string): Promise<void> {
  await until(
    () => airlock.versionsOf(airlock.info.buckets.inbox, key),
    (versions) => versions.length === 0,
    PATIENCE,
  );
}

async function delivered(airlock: Airlock, key: string): Promise<void> {
  await until(
    () => airlock.notices.some((it) => it.outcome === 'delivered' && it.object?.key === key),
    (isDelivered) => isDelivered,
    PATIENCE,
  );
}

/** The notice is published before the dead letter. */
async function deadLetter(airlock: Airlock, key: string | undefined): Promise<void> {
  await until(
    () => airlock.notices.some((it) => it.outcome === 'refused' && it.object?.key === key),
    (isRefused) => isRefused,
    PATIENCE,
  );
  await until(
    () => ops(airlock, '--json dead-letters list'),
    (list) => list.includes(key ?? 'EVENT_MALFORMED'),
    PATIENCE,
  );
}

function remount(path: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, path]);
}
