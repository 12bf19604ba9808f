import { expect, test } from 'vitest';
import { testSeed } from '../support/seed.ts';
import { explore, replay } from './explore.ts';

/** `npm run soak` plays many more of them. */
const SCHEDULES = 15_000;

const named = process.env['AIRLOCK_SEED'];

test.runIf(named === undefined)(
  `every promise is kept under ${SCHEDULES} schedules of repeated, late, lost and reordered events, overtaken workers, deaths and failures`,
  async () => {
    // A failure says how to replay its own schedule.
    await expect(explore(testSeed(), SCHEDULES)).resolves.toBe(undefined);
  },
);

test.runIf(named !== undefined)(`every promise is kept under seed ${named}`, async () => {
  await expect(replay(Number(named))).resolves.toBe(undefined);
});
