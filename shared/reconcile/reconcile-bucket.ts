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

/** Opening a landed file takes some milliseconds on EFS, so this many are opened at once. */
const CONCURRENCY = 32;

/**
 * Requeues every upload that was never settled (its event was lost, or a worker died with it), and
 * the newest delivered upload of a key where an older one has replaced it in the landing root
 * (case 3 in landing-order.ts). May be repeated: an upload that needs nothing by the time its
 * message is handled is a duplicate.
 *
 * @returns how many were requeued
 */
export async function reconcileBucket(
  bucket: string,
  search: Search,
  ports: ReconcilePorts,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  const found = withNewestDelivered(ports.inventory.survey(bucket, search, signal));
  for await (const group of inGroups(found, CONCURRENCY)) {
    const wanted = await Promise.all(group.map((one) => findUploadToRequeue(one, ports)));
    for (const arrival of wanted.filter((one) => one !== undefined)) {
      await ports.queue.send(encodeArrival(arrival), signal);
      count += 1;
    }
  }
  return count;
}

type FoundInOrder = InventoryEntry & {
  /** The newest delivered upload of the key, if it is newer than this one; unknown beside a young one. */
  readonly newestDelivered: Arrival | undefined;
};

async function* withNewestDelivered(
  found: AsyncIterable<InventoryEntry>,
): AsyncGenerator<FoundInOrder> {
  let key: string | undefined;
  let newestDelivered: Arrival | undefined;
  let hasYoung = false;
  for await (const one of found) {
    if (one.arrival.key !== key) [newestDelivered, hasYoung] = [undefined, false];
    ({ key } = one.arrival);
    yield { ...one, newestDelivered: hasYoung ? undefined : newestDelivered };
    hasYoung ||= one.state === 'young';
    if (one.state === 'delivered') newestDelivered ??= one.arrival;
  }
}

async function findUploadToRequeue(
  { arrival, state, newestDelivered }: FoundInOrder,
  { landing, log }: Pick<ReconcilePorts, 'landing' | 'log'>,
): Promise<Arrival | undefined> {
  if (state === 'unsettled') return arrival;
  if (newestDelivered === undefined) return undefined;
  try {
    return (await isStale(arrival, newestDelivered, landing)) ? newestDelivered : undefined;
  } catch (error) {
    const { key } = arrival;
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
