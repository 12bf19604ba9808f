import { expect, test } from 'vitest';
import { heedAge } from '../../../../shared/decide/signature-age.ts';

const HOUR_MS = 3_600_000;
const ENGINE = 'ClamAV 1.4.6/27500/Sat Nov 21 08:00:00 2026';
const BUILT_AT = Date.UTC(2026, 10, 21, 8);
const CLEAN = { kind: 'clean' } as const;

test('a clean file passes while the signatures are as old as they may be, and not a moment longer', () => {
  const maxAgeMs = 24 * HOUR_MS;
  expect(heedAge(CLEAN, ENGINE, BUILT_AT + maxAgeMs, maxAgeMs)).toEqual(CLEAN);
  expect(heedAge(CLEAN, ENGINE, BUILT_AT + maxAgeMs + 1, maxAgeMs)).toEqual({
    kind: 'unscannable',
    reason: 'stale-signatures',
    detail: 'the signatures were built 2026-11-21T08:00:00.000Z, and may be 24 hours old',
  });
});

test('signatures without a date count as too old', () => {
  expect(heedAge(CLEAN, 'ClamAV 1.4.6', BUILT_AT, HOUR_MS)).toMatchObject({
    reason: 'stale-signatures',
    detail: 'the signatures were built at an unknown time, and may be 1 hours old',
  });
});

test('without a limit any age will do', () => {
  expect(heedAge(CLEAN, 'ClamAV 1.4.6', BUILT_AT, undefined)).toEqual(CLEAN);
});

test('what old signatures find counts as ever', () => {
  const infected = { kind: 'infected', signature: 'Eicar' } as const;
  expect(heedAge(infected, ENGINE, BUILT_AT + 999 * HOUR_MS, HOUR_MS)).toEqual(infected);
});
