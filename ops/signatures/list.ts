import type { Command } from 'commander';
import { table } from '../output.ts';
import type { LocalSignatures } from '../target.ts';
import { withStore } from './open-store.ts';

const TIME_MS = 60_000;

/** `signatures list`. On one machine clamd scans with files of that machine, which are named, too. */
export async function list(command: Command): Promise<void> {
  await withStore(command, async (store, { target, out }) => {
    const signal = AbortSignal.timeout(TIME_MS);
    const [published, versions] = await Promise.all([
      store.current(signal),
      store.versions(signal),
    ]);
    const inForce = published?.pointer;
    const rows = versions.map(({ version, isComplete }) => ({
      version,
      isInForce: version === inForce?.version,
      isPinned: version === inForce?.version && inForce.isPinned,
      isComplete,
    }));
    out.show(rows, () =>
      [
        ...(rows.length === 0
          ? ['No signatures are published.']
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
            ]),
        ...(published
          ? [
              `Built ${published.manifest.builtAt ?? 'at an unknown time'}; scanned with ${published.manifest.engine} when published.`,
            ]
          : []),
      ].join('\n'),
    );
    if (target.localSignatures !== undefined) out.note(describeLocal(target.localSignatures));
  });
}

function describeLocal({ source, directory, builtAt }: LocalSignatures): string {
  const what =
    source === 'test'
      ? `the project's own TEST SIGNATURES ONLY (${directory})`
      : `${directory}, built ${builtAt ?? 'at an unknown time'}`;
  return `clamd on this machine scans with ${what}; it does not follow what is published.`;
}
