import type { Arrival } from '../model/arrival.ts';
import { encodeArrival } from '../parse/arrival.ts';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { Inventory, InventoryEntry, Search } from '../inbox/inventory.ts';
import type { Ports } from '../pipeline/ports.ts';
import { isStale } from '../pipeline/landing-order.ts';

type ReconcilePorts = Pick<Ports, 'landing'> & {
  readonly inventory: Inventory;
  readonly queue: Pick<WorkQueue, 'send'>;
  readonly log: Log;
};

/** What one sweep did. */
export type Reconciled = { readonly requeuedCount: number; readonly failedCount: number };

/** Opening a landed file takes some milliseconds on EFS, so this many are opened at once. */
const CONCURRENCY = 32;

/**
 * Requeues every upload that was never settled (its event was lost, or a worker died with it), and
 * the newest delivered upload of a key where an older one has replaced it in the landing root
 * (case 3 in landing-order.ts). May be repeated: an upload that needs nothing by the time its
 * message is handled is a duplicate. An upload that cannot be looked at or sent is logged with its
 * reason and counted, and the next sweep tries it again; the others are not affected.
 *
 * @throws when the bucket cannot be listed, or the signal aborts
 */
export async function reconcileBucket(
  bucket: string,
  search: Search,
  ports: ReconcilePorts,
  signal: AbortSignal,
): Promise<Reconciled> {
  let [requeuedCount, failedCount] = [0, 0];
  const found = withNewestDelivered(ports.inventory.survey(bucket, search, signal));
  for await (const group of inGroups(found, CONCURRENCY)) {
    const wanted = await Promise.all(group.map((one) => findUploadToRequeue(one, ports)));
    for (const one of wanted) {
      if (one === 'failed' || (one !== undefined && !(await requeue(one, ports, signal)))) {
        failedCount += 1;
      } else if (one !== undefined) {
        requeuedCount += 1;
      }
    }
  }
  return { requeuedCount, failedCount };
}

/** False when the queue does not take it: one bad object must not end the sweep. */
async function requeue(
  arrival: Arrival,
  { queue, log }: Pick<ReconcilePorts, 'queue' | 'log'>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await queue.send(encodeArrival(arrival), signal);
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    const { key, versionId } = arrival;
    log.error('upload could not be requeued', error, { key, versionId });
    return false;
  }
}

type FoundInOrder = InventoryEntry & {
  /** The newest delivered upload of the key, if it is newer than this one; unknown beside a young or unreadable one. */
  readonly newestDelivered: Arrival | undefined;
};

async function* withNewestDelivered(
  found: AsyncIterable<InventoryEntry>,
): AsyncGenerator<FoundInOrder> {
  let key: string | undefined;
  let newestDelivered: Arrival | undefined;
  let hasUnknown = false;
  for await (const one of found) {
    if (one.arrival.key !== key) [newestDelivered, hasUnknown] = [undefined, false];
    ({ key } = one.arrival);
    yield { ...one, newestDelivered: hasUnknown ? undefined : newestDelivered };
    hasUnknown ||= one.state === 'young' || one.state === 'unreadable';
    if (one.state === 'delivered') newestDelivered ??= one.arrival;
  }
}

async function findUploadToRequeue(
  { arrival, state, newestDelivered, error: reason }: FoundInOrder,
  { landing, log }: Pick<ReconcilePorts, 'landing' | 'log'>,
): Promise<Arrival | 'failed' | undefined> {
  const { key, versionId } = arrival;
  if (state === 'unsettled') return arrival;
  if (state === 'unreadable') {
    log.error('upload could not be looked at', reason, { key, versionId });
    return 'failed';
  }
  if (newestDelivered === undefined) return undefined;
  try {
    return (await isStale(arrival, newestDelivered, landing)) ? newestDelivered : undefined;
  } catch (error) {
    log.warn('landed file could not be looked at', { key, reason: describeError(error) });
    return undefined;
  }
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  yield group;
}
