import { describeError } from '../platform/errors.ts';
import { builtAtOf, isSame, whyOlder } from './compare.ts';
import { isCustom, type Manifest, type Published } from './published.ts';
import type { SignatureInputs, SignatureStore } from './signature-store.ts';
import type { StartTrial } from './trial.ts';
import type { Updater } from './updater.ts';
import type { Workshop } from './database-builder.ts';
import { type CanaryRules, whyUnfit } from './canary.ts';

export type RefreshPorts = {
  readonly store: SignatureStore;
  readonly inputs: SignatureInputs;
  readonly updater: Updater;
  readonly workshop: Workshop;
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
  /** Nothing was newer. */
  | { readonly result: 'unchanged' }
  /** A person rolled back; nothing is fetched until the pointer is released. */
  | { readonly result: 'pinned' }
  /** What was fetched must not be used. What is in force stays so. */
  | { readonly result: 'refused'; readonly why: string };

/**
 * Fetches newer signatures, tries them out, and only then puts them in force: fetch -> compare ->
 * canary -> upload -> switch -> clean up. The switch of the pointer is the one step that anybody
 * sees; whatever fails before it leaves nothing but an unused folder, which the next run removes.
 *
 * @throws Error when something could not be fetched, uploaded or switched; what is in force stays so
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
  const { directory, files } = await ports.workshop.assemble();

  const inForce = published?.manifest.files ?? [];
  if (isSame(files, inForce)) return { result: 'unchanged' };
  const older = whyOlder(files, inForce);
  if (older !== undefined) return { result: 'refused', why: older };
  const tried = await tryOut(directory, ports, rules, signal);
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

/** freshclam begins with what is in force, so that it fetches differences, and little of them. */
async function fetchNewer(
  { store, inputs, updater, workshop }: RefreshPorts,
  published: Published | undefined,
  signal: AbortSignal,
): Promise<void> {
  await inputs.custom(workshop.custom, signal);
  if (published) {
    const files = published.manifest.files.filter((file) => !isCustom(file));
    await store.download({ ...published.manifest, files }, workshop.fresh, signal);
  }
  await inputs.restoreState(workshop.fresh, signal);
  try {
    await updater.update(workshop.fresh, signal);
  } finally {
    // Also after a failure: a mirror that asked for patience is not to be asked again too soon.
    await inputs.saveState(workshop.fresh, signal);
  }
}

async function tryOut(
  directory: string,
  ports: RefreshPorts,
  rules: CanaryRules,
  signal: AbortSignal,
): Promise<{ readonly why: string } | { readonly engine: string; readonly memoryMb: number }> {
  try {
    await using trial = await ports.startTrial(directory, signal);
    const why = await whyUnfit(trial, rules, signal);
    if (why !== undefined) return { why };
    return { engine: trial.version, memoryMb: await trial.peakMemoryMb() };
  } catch (error) {
    signal.throwIfAborted();
    return { why: describeError(error) };
  }
}

async function removeOld(
  store: SignatureStore,
  inUse: readonly (string | undefined)[],
  keepCount: number,
  signal: AbortSignal,
): Promise<void> {
  const versions = await store.versions(signal);
  const complete = versions.filter(({ isComplete }) => isComplete).map(({ version }) => version);
  // One more than is kept: the first is the one in force.
  const kept = new Set([...complete.slice(0, keepCount + 1), ...inUse]);
  for (const { version } of versions) if (!kept.has(version)) await store.remove(version, signal);
}
