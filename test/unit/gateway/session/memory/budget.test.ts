import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../../../../gateway/session/memory/budget.ts';
import { PartReserve } from '../../../../../gateway/session/memory/part-reserve.ts';
import { settledSoon } from '../../settled-soon.ts';

const PATIENCE_MS = 50;

describe('the memory budget of a connection', () => {
  const { signal } = new AbortController();

  test('is one full part and a few blocks for small ones; other parts wait', async () => {
    const budget = new MemoryBudget(10_000, new PartReserve(0));
    const [first, second, third] = [{}, {}, {}];
    for (let block = 0; block < 80; block++) await budget.take(first, signal);
    const order: string[] = [];
    const grow = async (owner: object, name: string) => {
      for (let block = 0; block < 80; block++) await budget.take(owner, signal);
      order.push(name);
    };
    const others = [grow(second, 'second'), grow(third, 'third')];
    await settledSoon();
    expect(order).toEqual([]);
    budget.release(first);
    await others[0];
    expect(order).toEqual(['second']);
    budget.release(second);
    await others[1];
    expect(order).toEqual(['second', 'third']);
  });

  test('rejects an upload that waits too long, and the others continue', async () => {
    const budget = new MemoryBudget(PATIENCE_MS, new PartReserve(0));
    const [holder, waiting] = [{}, {}];
    for (let block = 0; block < 30; block++) await budget.take(holder, signal);
    const fill = async () => {
      for (let block = 0; block < 30; block++) await budget.take(waiting, signal);
    };
    await expect(fill()).rejects.toThrow('open another connection');
    budget.release(waiting);
    for (let block = 0; block < 50; block++) await budget.take(holder, signal);
  });

  test('gives a part of the shared reserve to a file that would wait for another one to be filled', async () => {
    const reserve = new PartReserve(1);
    const budget = new MemoryBudget(10_000, reserve);
    const [first, second, third] = [{}, {}, {}];
    const fill = async (owner: object) => {
      for (let block = 0; block < 80; block++) await budget.take(owner, signal);
      return 'filled';
    };
    await fill(first);
    expect(await fill(second)).toBe('filled');
    const waiting = fill(third);
    expect(await Promise.race([waiting, settledSoon()])).toBe('still waiting');
    budget.release(second);
    expect(await waiting).toBe('filled');
  });

  test('waits for a part that is being sent, rather than use the reserve', async () => {
    const budget = new MemoryBudget(10_000, new PartReserve(1));
    const [sent, next] = [{}, {}];
    const fill = async (owner: object) => {
      for (let block = 0; block < 80; block++) await budget.take(owner, signal);
      return 'filled';
    };
    await fill(sent);
    budget.seal(sent);
    const waiting = fill(next);
    expect(await Promise.race([waiting, settledSoon()])).toBe('still waiting');
    budget.release(sent);
    expect(await waiting).toBe('filled');
  });

  test('stops waiting when the upload is aborted', async () => {
    const budget = new MemoryBudget(10_000, new PartReserve(0));
    const stop = new AbortController();
    for (let block = 0; block < 20; block++) await budget.take({}, signal);
    const holder = {};
    await budget.take(holder, signal);
    const wait = budget.take({}, stop.signal);
    stop.abort(new Error('cut off'));
    await expect(wait).rejects.toThrow('cut off');
  });
});
