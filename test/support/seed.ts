import { spawnSync } from 'node:child_process';

/**
 * Where the random tests begin. A commit always plays the same cases, so a red build can be had again;
 * another commit plays others. `AIRLOCK_TEST_SEED` repeats one, or `random` takes any, as `npm run soak` does.
 */
export function testSeed(): number {
  const named = process.env['AIRLOCK_TEST_SEED'];
  if (named === 'random') return Math.floor(Math.random() * 2 ** 31);
  if (named !== undefined) return Number(named);
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  return Number.parseInt(stdout?.slice(0, 7) || '0', 16);
}
