/** npm forwards Ctrl-C, which the terminal has sent already; the echo within this time is ignored. */
const ECHO_MS = 500;

/** Resolves at the first signal to stop; a second one ends the process at once. */
export async function untilStopped(): Promise<void> {
  const { promise, resolve: stop } = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const now = Date.now();
    if (firstAt !== undefined && now - firstAt > ECHO_MS) process.exit(130);
    firstAt ??= now;
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  await promise;
}
