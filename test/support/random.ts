import { testSeed } from './seed.ts';

/** Numbers from 0 to 1 that can be had again: the seed is printed, and `AIRLOCK_TEST_SEED` repeats it. */
export function seededRandom(): () => number {
  const seed = testSeed();
  process.stdout.write(`AIRLOCK_TEST_SEED=${seed}\n`);
  let state = seed;
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
