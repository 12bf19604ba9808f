import { expect, test } from 'vitest';
import { measurementsOf } from '../../../../shared/notify/powertools-notifier.ts';
import type { Notice } from '../../../../shared/notify/notice.ts';

test('an ending has a count, a size and its times', () => {
  const notice: Notice = {
    schema: 'airlock.notice/1',
    id: 'i',
    outcome: 'delivered',
    at: '2026-11-21T09:00:02.000Z',
    object: {
      bucket: 'b',
      key: 'k',
      etag: 'e',
      sizeBytes: 10,
      arrivedAt: '2026-11-21T09:00:00.000Z',
    },
    scanner: { engine: 'ClamAV', signaturesBuiltAt: '2026-11-20T09:00:02.000Z' },
    stages: { waitMs: 1, stageMs: 2, scanMs: 3, commitMs: 4 },
  };
  const values = measurementsOf(notice).map(({ name, value }) => [name, value]);
  expect(Object.fromEntries(values)).toEqual({
    Files: 1,
    Bytes: 10,
    ArrivalToEnding: 2000,
    QueueAge: 1,
    StageTime: 2,
    ScanTime: 3,
    CommitTime: 4,
    SignatureAge: 86_400,
  });
});

test('what is unknown has no metric', () => {
  const at = '2026-11-21T09:00:00.000Z';
  const names = measurementsOf({
    schema: 'airlock.notice/1',
    id: 'i',
    outcome: 'refused',
    at,
  }).map(({ name }) => name);
  expect(names).toEqual(['Files']);
});
