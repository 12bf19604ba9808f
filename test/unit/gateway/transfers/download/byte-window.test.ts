import { expect, test } from 'vitest';
import { ByteWindow } from '../../../../../gateway/transfers/download/byte-window.ts';

test('a byte window returns any range it holds, and releases only whole chunks', () => {
  const window = new ByteWindow(100);
  for (const chunk of ['abc', 'def', 'ghi']) window.append(Buffer.from(chunk));
  window.forgetBefore(105);
  expect([window.start, window.end]).toEqual([103, 109]);
  const target = Buffer.alloc(4);
  window.copyTo(target, 104);
  expect(target.toString()).toBe('efgh');
});
