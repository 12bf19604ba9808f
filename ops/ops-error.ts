/** Exit codes; `ops --help` and docs/runbook.md explain them. */
export const EXIT = { done: 0, failed: 1, usage: 2, no: 3, unfinished: 4 } as const;

export type Explanation = {
  /** The cause, if known. */
  readonly why?: string;
  /** What the operator can do about it. */
  readonly how?: string;
  /** Default: `no`. */
  readonly exitCode?: number;
};

/** An error as the terminal shows it, and as `--json` prints it. */
export type ErrorReport = {
  /** Stable: the name of the exit code. */
  readonly code: string;
  readonly exitCode: number;
  readonly what: string;
  readonly why?: string;
  readonly how?: string;
};

/** A failure explained to the operator: what happened, why, and what to do. */
export class OpsError extends Error {
  override readonly name = 'OpsError';
  readonly exitCode: number;
  readonly explanation: Explanation;

  /** @param what one sentence without a full stop */
  constructor(what: string, explanation: Explanation = {}, options?: ErrorOptions) {
    super(what, options);
    this.exitCode = explanation.exitCode ?? EXIT.no;
    this.explanation = explanation;
  }
}

export function reportOf(what: string, exitCode: number, explanation: Explanation): ErrorReport {
  const { why, how } = explanation;
  return {
    code: Object.entries(EXIT).find(([, value]) => value === exitCode)?.[0] ?? 'interrupted',
    exitCode,
    what,
    ...(why && { why }),
    ...(how && { how }),
  };
}

/** For a terminal, a line each. */
export function formatReport({ what, why, how }: ErrorReport): string {
  const lines = [`ops: ${what}`, why && `why: ${why}`, how && `how: ${how}`];
  return lines.filter(Boolean).join('\n');
}
