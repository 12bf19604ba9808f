import { wordArrival } from '../parse/arrival.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { Inventory, Search } from '../settle/inventory.ts';

/**
 * Puts every object that was never settled back into the queue: its event was lost, or a worker
 * died with it. May be repeated: what is settled by the time a message is handled is a duplicate.
 *
 * @returns how many were put back
 */
export async function reconcileBucket(
  bucket: string,
  search: Search,
  ports: { readonly inventory: Inventory; readonly queue: Pick<WorkQueue, 'send'> },
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for await (const arrival of ports.inventory.unsettled(bucket, search, signal)) {
    await ports.queue.send(wordArrival(arrival), signal);
    count += 1;
  }
  return count;
}
