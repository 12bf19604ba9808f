import { expect, test } from 'vitest';
import { explore, replay } from './explore.ts';

/** `npm run soak` plays many more of them. */
const SCHEDULES = 15_000;

const named = process.env['AIRLOCK_SEED'];

test.runIf(named === undefined)(
  `every promise is kept under ${SCHEDULES} schedules of repeated, late, lost and reordered events, overtaken workers, deaths and failures`,
  async () => {
    // Other schedules every time; a failure says how to replay its schedule.
    const first = Math.floor(Math.random() * 1e9);
    await expect(explore(first, SCHEDULES)).resolves.toBe(undefined);
  },
);

test.runIf(named !== undefined)(`every promise is kept under seed ${named}`, async () => {
  await expect(replay(Number(named))).resolves.toBe(undefined);
});
