import type { Command } from 'commander';
import * as v from 'valibot';
import { act } from '../act.ts';
import { OpsError } from '../ops-error.ts';
import { checkReason, requireReason } from '../reason.ts';
import { findById } from '../short-ids.ts';
import { withStore } from './open-store.ts';

const TIME_MS = 60_000;

const Options = v.object({ reason: v.optional(v.string()) });

/** `signatures use`. What was scanned with the wrong version cannot be unscanned, so it takes a reason. */
export async function use(wanted: string, raw: unknown, command: Command): Promise<void> {
  const { reason: given } = v.parse(Options, raw);
  await withStore(command, async (store, context) => {
    const signal = AbortSignal.timeout(TIME_MS);
    const versions = await store.versions(signal);
    const found = findById(versions, ({ version }) => version, wanted, 'versions');
    if (found === undefined || !found.isComplete) {
      const complete = versions.filter(({ isComplete }) => isComplete);
      throw new OpsError(`there are no signatures ${wanted}`, {
        why:
          found === undefined ? 'no such version is published' : 'their upload was not completed',
        how:
          complete.length === 0
            ? 'publish some first: run the refresh'
            : `use one of ${complete.map(({ version }) => version).join(', ')}`,
      });
    }
    const { version } = found;
    const reason = await requireReason(given, 'scanning with other signatures');
    const published = await store.current(signal);
    const parameters = { version, replaces: published?.pointer.version ?? 'none' };
    await act(context, { command: 'signatures use', reason, parameters }, async (note) => {
      // The question may have taken a while.
      const timely = AbortSignal.timeout(TIME_MS);
      const options = { isPinned: true, switchedAt: Date.now() };
      await store.switchTo(version, published, options, timely);
      note({ kind: 'signatures', id: version });
    });
    context.out.show(
      { version, isPinned: true },
      () => `Signatures ${version} are in force, pinned until \`signatures release\`.`,
    );
  });
}

/** `signatures release` */
export async function release(raw: unknown, command: Command): Promise<void> {
  const reason = checkReason(v.parse(Options, raw).reason);
  await withStore(command, async (store, context) => {
    const signal = AbortSignal.timeout(TIME_MS);
    const published = await store.current(signal);
    if (!published?.pointer.isPinned)
      throw new OpsError('no version is pinned', {
        why: '`signatures use` was never run, or the version was released',
        how: 'nothing needs to be done',
      });
    const { version } = published.pointer;
    const parameters = { version };
    await act(context, { command: 'signatures release', reason, parameters }, async (note) => {
      const options = { isPinned: false, switchedAt: Date.now() };
      await store.switchTo(version, published, options, signal);
      note({ kind: 'signatures', id: version });
    });
    context.out.show(
      { version, isPinned: false },
      () => `Signatures ${version} stay in force until the next refresh finds newer ones.`,
    );
  });
}
