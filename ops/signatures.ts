import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { s3SignatureStore } from '../shared/signatures/s3-signature-store.ts';
import type { SignatureStore } from '../shared/signatures/signature-store.ts';
import { openContext } from './context.ts';
import { OpsError } from './ops-error.ts';
import { type Output, table } from './output.ts';

const TIME_MS = 60_000;

/** `signatures`: the published versions of the database. */
export function register(program: Command): void {
  const noun = program
    .command('signatures')
    .description('the signatures that the ingest scans with');
  noun
    .command('list')
    .description('the published versions, newest first, and which one is in force')
    .action((_options: unknown, command: Command) => withStore(command, list));
  noun
    .command('use <version>')
    .description(
      'puts a version in force and pins it: nothing newer is fetched until it is released',
    )
    .action((version: string, _options: unknown, command: Command) =>
      withStore(command, (store, out) => use(store, out, version)),
    );
  noun
    .command('release')
    .description('unpins the version: the next refresh may put newer signatures in force')
    .action((_options: unknown, command: Command) => withStore(command, release));
}

async function withStore(
  command: Command,
  act: (store: SignatureStore, out: Output) => Promise<void>,
): Promise<void> {
  const { target, out } = await openContext(command);
  const s3 = new S3Client(target.settings('s3'));
  try {
    await act(s3SignatureStore(s3, target.physicalId('SignatureBucket')), out);
  } finally {
    s3.destroy();
  }
}

async function list(store: SignatureStore, out: Output): Promise<void> {
  const signal = AbortSignal.timeout(TIME_MS);
  const [published, versions] = await Promise.all([store.current(signal), store.versions(signal)]);
  const inForce = published?.pointer;
  const rows = versions.map(({ version, isComplete }) => ({
    version,
    isInForce: version === inForce?.version,
    isPinned: version === inForce?.version && inForce.isPinned,
    isComplete,
  }));
  out.show(rows, () =>
    rows.length === 0
      ? 'No signatures are published.'
      : [
          table(
            ['VERSION', ''],
            rows.map(({ version, isInForce, isPinned, isComplete }) => [
              version,
              [isInForce && 'in force', isPinned && 'pinned', !isComplete && 'incomplete']
                .filter(Boolean)
                .join(', '),
            ]),
          ),
          ...(published
            ? [
                `Built ${published.manifest.builtAt ?? 'at an unknown time'}; scanned with ${published.manifest.engine} when published.`,
              ]
            : []),
        ].join('\n'),
  );
}

async function use(store: SignatureStore, out: Output, version: string): Promise<void> {
  const signal = AbortSignal.timeout(TIME_MS);
  const published = await store.current(signal);
  await store.switchTo(version, published, { isPinned: true, switchedAt: Date.now() }, signal);
  out.show(
    { version, isPinned: true },
    () => `Signatures ${version} are in force, pinned until \`signatures release\`.`,
  );
}

async function release(store: SignatureStore, out: Output): Promise<void> {
  const signal = AbortSignal.timeout(TIME_MS);
  const published = await store.current(signal);
  if (!published?.pointer.isPinned)
    throw new OpsError('no version is pinned', {
      why: '`signatures use` was never run, or the version was released',
    });
  const { version } = published.pointer;
  await store.switchTo(version, published, { isPinned: false, switchedAt: Date.now() }, signal);
  out.show(
    { version, isPinned: false },
    () => `Signatures ${version} stay in force until the next refresh finds newer ones.`,
  );
}
