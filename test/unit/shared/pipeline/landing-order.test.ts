import { expect, test } from 'vitest';
import { landingTimeOf } from '../../../../shared/pipeline/landing-order.ts';
import { anArrival } from '../../../support/builders.ts';

const at = Date.UTC(2026, 10, 21, 9);

test('a file lands with the second of its upload', () => {
  const time = landingTimeOf(anArrival(), at);
  expect(Math.floor(time / 1000) * 1000).toBe(at);
  expect(landingTimeOf(anArrival(), at + 999)).toBe(time);
});

test('the milliseconds are never zero, and tell uploads of one second apart', () => {
  const times = Array.from({ length: 2000 }, (_, index) =>
    landingTimeOf(anArrival({ versionId: `v${index}` }), at),
  );
  expect(times.every((time) => time > at && time < at + 1000)).toBe(true);
  expect(new Set(times).size).toBeGreaterThan(800);
});
