import { expect, test } from 'vitest';
import { inBatches } from '../../../../shared/notify/in-batches.ts';

const { signal } = new AbortController();

/** A service whose calls wait until the test answers them. */
function service(refuses: (item: string) => Error | undefined = () => undefined) {
  const calls: { readonly items: readonly string[]; readonly go: () => void }[] = [];
  const send = async (items: readonly string[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    calls.push({ items, go: resolve });
    await promise;
    return items.map(refuses);
  };
  const letGo = async (): Promise<readonly string[]> => {
    const call = calls.shift();
    call?.go();
    await new Promise(setImmediate);
    return call?.items ?? [];
  };
  return { send, letGo };
}

test('items that come during a call go together with the next one, up to the maximum', async () => {
  const { send, letGo } = service();
  const announce = inBatches(send, 3);
  const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map((item) => announce(item, signal)));
  expect(await letGo()).toEqual(['a']);
  expect(await letGo()).toEqual(['b', 'c', 'd']);
  expect(await letGo()).toEqual(['e']);
  await all;
});

test('nothing is taken for sent before its own call was answered', async () => {
  const { send, letGo } = service();
  const announce = inBatches(send, 10);
  let isSent = false;
  const first = announce('first', signal);
  const second = announce('second', signal).then(() => (isSent = true));
  await letGo();
  await first;
  expect(isSent).toBe(false);
  await letGo();
  await second;
});

test('an item that is refused alone fails alone', async () => {
  const { send, letGo } = service((item) => (item === 'bad' ? new Error('too long') : undefined));
  const announce = inBatches(send, 10);
  const all = Promise.allSettled(['first', 'bad', 'good'].map((item) => announce(item, signal)));
  await letGo();
  await letGo();
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('an item that makes the whole call fail fails alone', async () => {
  const sent: (readonly string[])[] = [];
  const announce = inBatches(async (items: readonly string[]) => {
    await new Promise(setImmediate);
    sent.push(items);
    if (items.includes('bad')) throw new Error('the request is malformed');
    return items.map(() => undefined);
  }, 10);
  const all = Promise.allSettled(
    ['first', 'good', 'bad', 'fine'].map((item) => announce(item, signal)),
  );
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(sent).toEqual([['first'], ['good', 'bad', 'fine'], ['good'], ['bad'], ['fine']]);
});

test('an item with another deadline is sent by another call', async () => {
  const { send, letGo } = service();
  const announce = inBatches(send, 10);
  const other = new AbortController();
  const all = Promise.all([
    announce('first', signal),
    announce('mine', signal),
    announce('other', other.signal),
    announce('mine too', signal),
  ]);
  expect(await letGo()).toEqual(['first']);
  expect(await letGo()).toEqual(['mine', 'mine too']);
  expect(await letGo()).toEqual(['other']);
  await all;
});

test('after a failure it goes on', async () => {
  let isDown = true;
  const announce = inBatches(async (items: readonly string[]) => {
    if (isDown) throw new Error('down');
    return items.map(() => undefined);
  }, 10);
  await expect(announce('a', signal)).rejects.toThrow('down');
  isDown = false;
  await expect(announce('a', signal)).resolves.toBe(undefined);
});
