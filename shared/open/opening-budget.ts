import type { Finding } from '../model/verdict.ts';

/** The limits of opening one uploaded file, over all levels. docs/verdicts.md names them. */
export const OPENING = {
  /** Containers within containers. */
  levels: 16,
  members: 50_000,
  /** Unpacked; the engine's MaxScanSize. */
  bytes: 4300 * 2 ** 20,
  /** Of one member; the engine's limit for a file. */
  memberBytes: 2_147_483_645,
  /** Of all programs together, while each works. */
  ms: 120_000,
} as const;

/** What is left of the limits while one uploaded file is opened. */
export class OpeningBudget {
  #members: number = OPENING.members;
  #bytes: number = OPENING.bytes;
  #ms: number = OPENING.ms;

  get bytesLeft(): number {
    return this.#bytes;
  }

  get membersLeft(): number {
    return this.#members;
  }

  get msLeft(): number {
    return this.#ms;
  }

  /** @returns the limit that was exceeded, if one was */
  take(members: number, bytes: number): Finding | undefined {
    this.#members -= members;
    this.#bytes -= bytes;
    if (this.#members < 0) return exceeded(`more than ${OPENING.members} files in it`);
    if (this.#bytes < 0) return exceeded(`more than ${OPENING.bytes} bytes when unpacked`);
    return undefined;
  }

  takeTime(ms: number): void {
    this.#ms -= ms;
  }
}

export function exceeded(detail: string): Finding {
  return { reason: 'limit', detail };
}
