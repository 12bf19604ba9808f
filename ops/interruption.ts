import { OpsError } from './ops-error.ts';

/** npm forwards Ctrl-C, which the terminal has sent already; the echo within this time is ignored. */
const ECHO_MS = 500;

/** As shells report the death by a signal: 128 and its number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

let listening: AbortController | undefined;

/**
 * A signal that Ctrl-C (or SIGTERM, SIGHUP) aborts, for a command that has something to give back. It
 * must then end soon; a second Ctrl-C ends it at once. The reason is an `OpsError`.
 */
export function interruption(): AbortSignal {
  if (listening !== undefined) return listening.signal;
  const controller = new AbortController();
  listening = controller;
  let firstAt: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const exitCode = EXIT_CODES[signal];
      const now = Date.now();
      if (firstAt !== undefined && now - firstAt > ECHO_MS) process.exit(exitCode);
      firstAt ??= now;
      controller.abort(new OpsError('interrupted', { exitCode }));
    });
  }
  return controller.signal;
}

/** What an error is once the command was interrupted: the interruption, whatever the SDK made of it. */
export function interruptionOr(error: unknown): unknown {
  return listening?.signal.aborted ? listening.signal.reason : error;
}
