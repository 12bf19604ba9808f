/** Exit codes; `ops --help` explains them. */
export const EXIT = { done: 0, failed: 1, usage: 2, no: 3 } as const;

export type Explanation = {
  /** The cause, if known. */
  readonly why?: string;
  /** What the operator can do about it. */
  readonly how?: string;
  /** Default: `no`. */
  readonly exitCode?: number;
};

/** A failure explained to the operator: what happened, why, and what to do. */
export class OpsError extends Error {
  override readonly name = 'OpsError';
  readonly exitCode: number;
  readonly #explanation: Explanation;

  /** @param what one sentence without a full stop */
  constructor(what: string, explanation: Explanation = {}, options?: ErrorOptions) {
    super(what, options);
    this.exitCode = explanation.exitCode ?? EXIT.no;
    this.#explanation = explanation;
  }

  /** For a terminal, a line each. */
  format(): string {
    const { why, how } = this.#explanation;
    const lines = [`ops: ${this.message}`, why && `why: ${why}`, how && `how: ${how}`];
    return lines.filter(Boolean).join('\n');
  }
}
