import { describeError } from '../platform/errors.ts';
import { builtAtOf, isSame, findDowngrade } from './compare.ts';
import { isCustom, type Manifest, type Published } from './published.ts';
import type { SignatureInputs, SignatureStore } from './signature-store.ts';
import type { StartTrial } from './trial.ts';
import type { Updater } from './updater.ts';
import type { DatabaseBuilder } from './database-builder.ts';
import { type CanaryRules, findDefect } from './canary.ts';

export type RefreshPorts = {
  readonly store: SignatureStore;
  readonly inputs: SignatureInputs;
  readonly updater: Updater;
  readonly builder: DatabaseBuilder;
  readonly startTrial: StartTrial;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export type RefreshRules = CanaryRules & {
  /** Versions kept besides the one in force. */
  readonly keepVersions: number;
};

export type Refreshed =
  | { readonly result: 'published'; readonly manifest: Manifest; readonly memoryMb: number }
  /** There was nothing newer. */
  | { readonly result: 'unchanged' }
  /** A person rolled back; nothing is fetched until the pointer is released. */
  | { readonly result: 'pinned' }
  /** What was fetched must not be used; the version in force stays. */
  | { readonly result: 'refused'; readonly why: string };

/**
 * Fetches newer signatures, tests them, and only then puts them in force: fetch -> compare ->
 * canary -> upload -> switch -> clean up. Only the switch of the pointer is visible to others; a
 * failure before it leaves at most an unused folder, which the next run removes.
 *
 * @throws Error when something could not be fetched, uploaded or switched; the version in force stays
 */
export async function refreshSignatures(
  ports: RefreshPorts,
  rules: RefreshRules,
  signal: AbortSignal,
): Promise<Refreshed> {
  const { store, now } = ports;
  const published = await store.current(signal);
  if (published?.pointer.isPinned) return { result: 'pinned' };
  await fetchNewer(ports, published, signal);
  const { directory, files } = await ports.builder.assemble();

  const inForce = published?.manifest.files ?? [];
  if (isSame(files, inForce)) return { result: 'unchanged' };
  const downgrade = findDowngrade(files, inForce);
  if (downgrade !== undefined) return { result: 'refused', why: downgrade };
  const tried = await runTrial(directory, ports, rules, signal);
  if ('why' in tried) return { result: 'refused', why: tried.why };

  const { engine, memoryMb } = tried;
  const publishedAt = new Date(now()).toISOString();
  const version = publishedAt.replaceAll(/[-:.]/g, '');
  const manifest: Manifest = {
    version,
    publishedAt,
    engine,
    builtAt: builtAtOf(files),
    files: [...files],
  };
  await store.upload(manifest, directory, signal);
  await store.switchTo(version, published, { isPinned: false, switchedAt: now() }, signal);
  await removeOld(store, [version, published?.pointer.version], rules.keepVersions, signal);
  return { result: 'published', manifest, memoryMb };
}

/** freshclam starts from the version in force, so that it fetches differences only. */
async function fetchNewer(
  { store, inputs, updater, builder }: RefreshPorts,
  published: Published | undefined,
  signal: AbortSignal,
): Promise<void> {
  await inputs.downloadCustom(builder.custom, signal);
  if (published) {
    const files = published.manifest.files.filter((file) => !isCustom(file));
    await store.download({ ...published.manifest, files }, builder.fresh, signal);
  }
  await inputs.restoreState(builder.fresh, signal);
  try {
    await updater.update(builder.fresh, signal);
  } finally {
    // Also after a failure: the state may say not to ask the mirror again before some time.
    await inputs.saveState(builder.fresh, signal);
  }
}

async function runTrial(
  directory: string,
  ports: RefreshPorts,
  rules: CanaryRules,
  signal: AbortSignal,
): Promise<{ readonly why: string } | { readonly engine: string; readonly memoryMb: number }> {
  try {
    await using trial = await ports.startTrial(directory, signal);
    const defect = await findDefect(trial, rules, signal);
    if (defect !== undefined) return { why: defect };
    return { engine: trial.version, memoryMb: await trial.peakMemoryMb() };
  } catch (error) {
    signal.throwIfAborted();
    return { why: describeError(error) };
  }
}

async function removeOld(
  store: SignatureStore,
  alwaysKept: readonly (string | undefined)[],
  keepCount: number,
  signal: AbortSignal,
): Promise<void> {
  const versions = await store.versions(signal);
  const complete = versions.filter(({ isComplete }) => isComplete).map(({ version }) => version);
  // Plus one: the first is the version in force.
  const kept = new Set([...complete.slice(0, keepCount + 1), ...alwaysKept]);
  for (const { version } of versions) if (!kept.has(version)) await store.remove(version, signal);
}
