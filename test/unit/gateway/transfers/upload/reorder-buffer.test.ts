import fc from '../../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../../../../gateway/session/memory/budget.ts';
import { ReorderBuffer } from '../../../../../gateway/transfers/upload/reorder-buffer.ts';

const PATIENCE_MS = 50;

describe('writes out of order', () => {
  test('are returned in order when none is missing, whatever the order of arrival', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 30 });
    const shuffled = pieces.chain((sizes) => {
      let end = 0;
      const writes = sizes.map((size) => ({ offset: (end += size) - size, size }));
      return fc.shuffledSubarray(writes, { minLength: writes.length });
    });
    fc.assert(
      fc.property(shuffled, (writes) => {
        const reorder = new ReorderBuffer(new MemoryBudget(PATIENCE_MS));
        const out = writes.flatMap(({ offset, size }) => [
          ...reorder.accept(offset, Buffer.alloc(size, offset % 251)),
        ]);
        const total = writes.reduce((sum, { size }) => sum + size, 0);
        const whole = Buffer.alloc(total);
        for (const { offset, size } of writes) whole.fill(offset % 251, offset, offset + size);
        expect(Buffer.concat(out).equals(whole)).toBe(true);
        expect(reorder.hasGap).toBe(false);
      }),
    );
  });

  test('are refused when written twice or too far ahead', () => {
    const reorder = new ReorderBuffer(new MemoryBudget(PATIENCE_MS));
    const data = Buffer.alloc(10);
    expect([...reorder.accept(0, data)]).toHaveLength(1);
    expect([...reorder.accept(20, data)]).toHaveLength(0);
    expect(() => [...reorder.accept(0, data)]).toThrow('written before');
    expect(() => [...reorder.accept(20, data)]).toThrow('written before');
    const far = Buffer.alloc(1_200_000);
    expect([...reorder.accept(1_000_000, far)]).toHaveLength(0);
    expect(() => [...reorder.accept(3_000_000, far)]).toThrow('before their turn');
    reorder.drop();
    expect([...reorder.accept(3_000_000, far)]).toHaveLength(0);
  });
});
