/** A terminal's Ctrl-C reaches us directly and again through npm; those are one wish, not two. */
const SAME_WISH_MS = 500;

/** Resolves at the first wish to stop; a second one ends the process at once. */
export async function untilStopped(): Promise<void> {
  const { promise, resolve: stop } = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const now = Date.now();
    if (firstAt !== undefined && now - firstAt > SAME_WISH_MS) process.exit(130);
    firstAt ??= now;
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  await promise;
}
