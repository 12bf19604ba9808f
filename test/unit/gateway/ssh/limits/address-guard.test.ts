import { describe, expect, test } from 'vitest';
import { AddressGuard, type Judgement } from '../../../../../gateway/ssh/limits/address-guard.ts';
import { DEFAULT_LIMITS } from '../../../../../gateway/ssh/limits/limits.ts';

const { signal } = new AbortController();

function aGuard(failuresPerAddress = 3) {
  const clock = { now: 0 };
  const guard = new AddressGuard({ ...DEFAULT_LIMITS, failuresPerAddress }, () => clock.now);
  return { clock, guard };
}

async function fail(guard: AddressGuard, address: string): Promise<number | undefined> {
  return (await guard.begin(address, signal))?.wrong();
}

test('an address is refused for a while, together with its IPv6 /64', async () => {
  const { clock, guard } = aGuard();
  const delays = [];
  for (const last of [1, 2, 3]) delays.push(await fail(guard, `2001:db8::${last}`));
  expect(delays).toEqual([0, 0, 100]);
  expect(guard.admit('2001:db8:0:0:ffff::2')).toBe('too-many-failures');
  expect(await guard.begin('2001:db8::1', signal)).toBeUndefined();
  expect(guard.admit('2001:db8:0:1::1')).toBeUndefined();
  expect(guard.admit('192.0.2.1')).toBeUndefined();
  clock.now += DEFAULT_LIMITS.failureWindowMs;
  expect(guard.admit('2001:db8::1')).toBeUndefined();
});

test('pauses between guesses do not start the count again', async () => {
  const { clock, guard } = aGuard();
  for (let count = 0; count < 3; count++) {
    await fail(guard, '192.0.2.1');
    clock.now += DEFAULT_LIMITS.failureWindowMs / 3 - 1;
  }
  expect(guard.admit('192.0.2.1')).toBe('too-many-failures');
});

describe('attempts made at once', () => {
  test('are judged only as far as the address may still get them wrong', async () => {
    const { guard } = aGuard();
    const judged: Judgement[] = [];
    const ends = Array.from({ length: 50 }, async () => {
      const judgement = await guard.begin('192.0.2.1', signal);
      if (judgement !== undefined) judged.push(judgement);
      return judgement;
    });
    // Those that may be judged are at once; the others wait for them.
    await new Promise(setImmediate);
    expect(judged).toHaveLength(3);
    for (const judgement of judged) judgement.wrong();
    expect((await Promise.all(ends)).filter(Boolean)).toHaveLength(3);
  });

  test('are all judged, one after another, as long as they are right', async () => {
    const { guard } = aGuard();
    const ends = Array.from({ length: 50 }, async () => {
      const judgement = await guard.begin('192.0.2.1', signal);
      await new Promise(setImmediate);
      judgement?.notWrong();
      return judgement;
    });
    expect((await Promise.all(ends)).filter(Boolean)).toHaveLength(50);
    expect(guard.admit('192.0.2.1')).toBeUndefined();
  });

  test('stop waiting when their connection ends', async () => {
    const { guard } = aGuard(1);
    const first = await guard.begin('192.0.2.1', signal);
    const hangUp = new AbortController();
    const waiting = guard.begin('192.0.2.1', hangUp.signal);
    hangUp.abort(new Error('hung up'));
    await expect(waiting).rejects.toThrow('hung up');
    first?.notWrong();
    expect(await guard.begin('192.0.2.1', signal)).toBeDefined();
  });
});
