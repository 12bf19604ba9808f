import type { Arrival } from '../model/arrival.ts';
import { encodeArrival } from '../parse/arrival.ts';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { Found, Inventory, Search } from '../inbox/inventory.ts';
import type { Ports } from '../pipeline/ports.ts';
import { liesOnTopOf } from '../pipeline/landing-order.ts';

type ReconcilePorts = Pick<Ports, 'landing'> & {
  readonly inventory: Inventory;
  readonly queue: Pick<WorkQueue, 'send'>;
  readonly log: Log;
};

/** A look at the landing root takes some milliseconds on EFS. */
const LOOKS_AT_ONCE = 32;

/**
 * Puts back into the queue every upload that was never settled (its event was lost, or a worker
 * died with it), and the newest delivered upload of a key where an older one lies on top of it.
 * Only an older upload counts there: what an application has changed is the application's. May be
 * repeated: what needs nothing by the time a message is handled is a duplicate.
 *
 * @returns how many were put back
 */
export async function reconcileBucket(
  bucket: string,
  search: Search,
  ports: ReconcilePorts,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  const found = withNewestDelivered(ports.inventory.survey(bucket, search, signal));
  for await (const some of inGroups(found, LOOKS_AT_ONCE)) {
    const wanted = await Promise.all(some.map((one) => toPutBack(one, ports)));
    for (const arrival of wanted.filter((one) => one !== undefined)) {
      await ports.queue.send(encodeArrival(arrival), signal);
      count += 1;
    }
  }
  return count;
}

type FoundUnder = Found & {
  /** The newest delivered upload of the key, if it is another; unknown while a young one is on its way. */
  readonly newestDelivered: Arrival | undefined;
};

async function* withNewestDelivered(found: AsyncIterable<Found>): AsyncGenerator<FoundUnder> {
  let key: string | undefined;
  let newestDelivered: Arrival | undefined;
  let isMoving = false;
  for await (const one of found) {
    if (one.arrival.key !== key) [newestDelivered, isMoving] = [undefined, false];
    ({ key } = one.arrival);
    yield { ...one, newestDelivered: isMoving ? undefined : newestDelivered };
    isMoving ||= one.state === 'young';
    if (one.state === 'delivered') newestDelivered ??= one.arrival;
  }
}

async function toPutBack(
  { arrival, state, newestDelivered }: FoundUnder,
  { landing, log }: Pick<ReconcilePorts, 'landing' | 'log'>,
): Promise<Arrival | undefined> {
  if (state === 'unsettled') return arrival;
  if (newestDelivered === undefined) return undefined;
  try {
    return (await liesOnTopOf(arrival, newestDelivered, landing)) ? newestDelivered : undefined;
  } catch (error) {
    const { key } = arrival;
    log.warn('landed file could not be looked at', { key, reason: describeError(error) });
    return undefined;
  }
}

async function* inGroups<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < most) continue;
    yield group;
    group = [];
  }
  yield group;
}
