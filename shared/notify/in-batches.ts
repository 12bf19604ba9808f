/** In the order of the items: `undefined` where it was taken, else why not. */
type Answers = readonly (Error | undefined)[];

type Waiting<T> = {
  readonly item: T;
  readonly signal: AbortSignal;
  readonly settle: (refusal: Error | undefined) => void;
};

/**
 * Sends together what is waiting at the same time: while one call is under way the next batch
 * gathers, so an item never waits for a batch to fill. Each item settles by its own answer. A call
 * that fails as a whole is repeated item by item, so that one bad item does not fail the others.
 *
 * @param maxItems that one call takes
 * @returns a function that resolves once its item was taken, and rejects with why it was not
 */
export function inBatches<T>(
  send: (items: readonly T[], signal: AbortSignal) => Promise<Answers>,
  maxItems: number,
): (item: T, signal: AbortSignal) => Promise<void> {
  let waiting: Waiting<T>[] = [];
  let isSending = false;

  async function sendAll(): Promise<void> {
    isSending = true;
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const { signal } = first;
      // One call has one deadline.
      const batch = waiting.filter((it) => it.signal === signal).slice(0, maxItems);
      waiting = waiting.filter((it) => !batch.includes(it));
      await sendBatch(batch, signal);
    }
    isSending = false;
  }

  async function sendBatch(batch: readonly Waiting<T>[], signal: AbortSignal): Promise<void> {
    try {
      const items = batch.map(({ item }) => item);
      const answers = await send(items, signal);
      batch.forEach(({ settle }, index) => settle(answers[index]));
    } catch (error) {
      if (batch.length > 1 && !signal.aborted) {
        await Promise.all(batch.map((one) => sendBatch([one], signal)));
        return;
      }
      const refusal = error instanceof Error ? error : new Error(String(error));
      for (const { settle } of batch) settle(refusal);
    }
  }

  return async (item, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (refusal: Error | undefined): void => (refusal ? reject(refusal) : resolve());
    waiting.push({ item, signal, settle });
    if (!isSending) void sendAll();
    await promise;
  };
}
