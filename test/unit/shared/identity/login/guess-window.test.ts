import { expect, test } from 'vitest';
import { GuessWindow } from '../../../../../shared/identity/login/guess-window.ts';

function aWindow() {
  const clock = { now: 0 };
  return { clock, window: new GuessWindow({ max: 3, windowMs: 100, now: () => clock.now }) };
}

test('each guess counts for the whole window, whatever comes between', () => {
  const { clock, window } = aWindow();
  for (const at of [0, 60, 90]) {
    clock.now = at;
    window.add('a');
  }
  expect([window.isFull('a'), window.isFull('b')]).toEqual([true, false]);
  clock.now = 100;
  expect([window.countOf('a'), window.isFull('a')]).toEqual([2, false]);
  clock.now = 189;
  expect(window.countOf('a')).toBe(1);
  clock.now = 190;
  expect(window.countOf('a')).toBe(0);
});

test('no more than the limit is counted, so that a flood does not count for longer', () => {
  const { clock, window } = aWindow();
  for (let count = 0; count < 1000; count++) window.add('a');
  expect(window.countOf('a')).toBe(3);
  clock.now = 100;
  expect(window.countOf('a')).toBe(0);
});

test('a guess that was right is taken back', () => {
  const { window } = aWindow();
  window.add('a');
  window.add('a');
  window.takeBack('a');
  expect(window.countOf('a')).toBe(1);
  window.takeBack('a');
  window.takeBack('a');
  expect(window.countOf('a')).toBe(0);
});

test('the keys remembered are bounded; the latest stay', () => {
  const { window } = aWindow();
  for (let count = 0; count <= 10_000; count++) window.add(`key-${count}`);
  expect([window.countOf('key-0'), window.countOf('key-10000')]).toEqual([0, 1]);
});
