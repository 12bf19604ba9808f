import type { SQSRecord } from 'aws-lambda';
import { ingestBatch } from '../../shared/pipeline/ingest-batch.ts';
import { portsOf } from './ports.ts';
import type { Actor } from './scheduler.ts';
import type { World } from './world.ts';

/** One Lambda execution environment. It is idle while it has no receipts. */
export type Worker = Actor & { receipts: readonly string[] };

/** As Lambda does: messages that the batch does not report as failed are deleted, the rest comes back. */
export async function work(
  world: World,
  worker: Worker,
  records: readonly SQSRecord[],
): Promise<void> {
  const { scheduler, queue, size } = world;
  worker.since = scheduler.now;
  worker.receipts = records.map(({ receiptHandle }) => receiptHandle);
  for (const { receiptHandle } of records) world.note(`${worker.name} receives ${receiptHandle}`);
  const { batchItemFailures } = await ingestBatch(records, portsOf(world, worker), {
    concurrency: 2,
    maxReceiveCount: size.maxReceiveCount,
    retryBaseS: 1,
    timeMs: 60_000,
    reserveMs: 60_000,
    requestId: 'r',
  });
  await scheduler.park(worker, 'end of the batch');
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { messageId, receiptHandle } of records) {
    if (failed.has(messageId)) queue.comeBack(receiptHandle);
    else queue.delete(receiptHandle);
  }
  worker.receipts = [];
}

/** Its messages come back some time later. */
export function die(world: World, worker: Worker): void {
  world.note(`${worker.name} DIES`);
  world.scheduler.kill(worker);
  for (const receipt of worker.receipts) world.queue.comeBack(receipt);
}
