import { expect, test } from 'vitest';
import type { InventoryEntry } from '../../../../shared/inbox/inventory.ts';
import { createLog } from '../../../../shared/platform/log.ts';
import { reconcileBucket } from '../../../../shared/reconcile/reconcile-bucket.ts';
import { anArrival } from '../../../support/builders.ts';

const NEVER = new AbortController().signal;

function aSweep(entries: readonly InventoryEntry[], refuses: (body: string) => Error | undefined) {
  const sent: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const ports = {
    log: createLog((line) => lines.push(JSON.parse(line) as Record<string, unknown>)),
    landing: {} as never,
    inventory: {
      async *survey() {
        yield* entries;
      },
    },
    queue: {
      async send(body: string) {
        const refusal = refuses(body);
        if (refusal) throw refusal;
        sent.push(JSON.parse(body).detail.object.key);
      },
    },
  };
  const search = { arrivedBefore: Infinity, includeRefused: false };
  const run = (signal = NEVER) => reconcileBucket('inbox', search, ports, signal);
  return { run, sent, lines };
}

function unsettled(key: string): InventoryEntry {
  return { arrival: anArrival({ key }), state: 'unsettled' };
}

test('an upload that the queue does not take is logged with its reason and counted; the rest is requeued', async () => {
  const sweep = aSweep(['a', 'poison', 'z'].map(unsettled), (body) =>
    body.includes('poison') ? new Error('invalid characters') : undefined,
  );
  expect(await sweep.run()).toEqual({ requeuedCount: 2, failedCount: 1 });
  expect(sweep.sent).toEqual(['a', 'z']);
  expect(sweep.lines).toMatchObject([
    { event: 'upload could not be requeued', key: 'poison', error: 'invalid characters' },
  ]);
});

test('an upload whose tags cannot be read is logged with its reason and counted; the rest is requeued', async () => {
  const error = new Error('AccessDenied');
  const unreadable = { arrival: anArrival({ key: 'locked' }), state: 'unreadable', error } as const;
  const sweep = aSweep([unsettled('a'), unreadable, unsettled('z')], () => undefined);
  expect(await sweep.run()).toEqual({ requeuedCount: 2, failedCount: 1 });
  expect(sweep.lines).toMatchObject([{ key: 'locked', error: 'AccessDenied' }]);
});

test('a sweep that is aborted ends, rather than fail for every upload', async () => {
  const stopping = new AbortController();
  const sweep = aSweep(['a', 'b'].map(unsettled), () => {
    stopping.abort();
    return new Error('aborted');
  });
  await expect(sweep.run(stopping.signal)).rejects.toThrow('aborted');
  expect(sweep.lines).toEqual([]);
});
