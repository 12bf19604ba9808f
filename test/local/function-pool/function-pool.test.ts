import { expect, test } from 'vitest';
import { FunctionPool, type PoolOptions } from '../../../local/lambda/function-pool.ts';
import { childProcesses } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

function openPool(options: Partial<PoolOptions> = {}): FunctionPool {
  return new FunctionPool(
    {
      name: 'sleeper',
      moduleUrl: new URL('sleeper.ts', import.meta.url).href,
      exportName: 'handler',
      environment: { PATH: process.env['PATH'] ?? '' },
      timeoutMs: 120_000,
      memoryMb: 128,
      onOutput: () => {},
    },
    { keepsWarm: true, maxCount: 3, ...options },
  );
}

test('however many call at once, there are never more processes than the limit, and everybody is answered', async () => {
  await using pool = openPool();
  let most = 0;
  const counting = setInterval(() => (most = Math.max(most, pool.pids.length)), 5);
  const pids = await Promise.all(Array.from({ length: 20 }, () => pool.invoke({ ms: 100 })));
  clearInterval(counting);
  expect(pids).toHaveLength(20);
  expect(new Set(pids).size).toBeLessThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(3);
});

test('processes that have nothing to do retire, all but one', async () => {
  await using pool = openPool({ idleMs: 50 });
  await Promise.all([1, 2, 3].map(() => pool.invoke({ ms: 500 })));
  await until(
    () => pool.pids,
    ({ length }) => length === 1,
  );
  expect(await pool.invoke({})).toBe(pool.pids[0]);
});

test('a process that dies makes room for another, and those who wait are answered', async () => {
  await using pool = openPool({ maxCount: 1 });
  const [died, ...answered] = await Promise.allSettled(
    [{ die: true }, {}, {}].map((event) => pool.invoke(event)),
  );
  expect(died?.status).toBe('rejected');
  expect(answered.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
});

test('a pool that closes answers those who wait with an error, and leaves no process', async () => {
  const pool = openPool({ maxCount: 1 });
  const calls = Promise.allSettled([1, 2, 3].map(() => pool.invoke({ ms: 60_000 })));
  await until(
    () => pool.pids,
    ({ length }) => length === 1,
  );
  await pool[Symbol.asyncDispose]();
  expect((await calls).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  await until(childProcesses, (left) => left.every((line) => !line.includes('sleeper')));
});
