import type { OperationId } from './operations.ts';
import type { World } from './world.ts';

/** What becomes of an operation with a client. */
export type Cell =
  /** It does what its user wants; `do` returns what it printed. */
  | { readonly does: 'work'; readonly do: (world: World) => Promise<string> }
  /** It is refused, and the client says so. */
  | {
      readonly does: 'refuse';
      readonly do: (world: World) => Promise<string>;
      /** What the client says. */
      readonly words: RegExp;
      /** Why it cannot be otherwise, for docs/clients.md. */
      readonly why: string;
    }
  /** The client succeeds, and what it wanted is not done. */
  | {
      readonly does: 'ignore';
      readonly do: (world: World) => Promise<string>;
      readonly why: string;
    }
  /** The client has no such command. */
  | { readonly does: 'lack' };

export type Client = {
  readonly name: string;
  /** undefined = it is not on this machine. */
  readonly version: () => Promise<string | undefined>;
  readonly cells: Readonly<Record<OperationId, Cell>>;
};

export const LACK: Cell = { does: 'lack' };

export function works(how: (world: World) => Promise<string>): Cell {
  return { does: 'work', do: how };
}

export const NO_LINKS = 'S3 has no links.';
export const NO_MODES = 'S3 keeps no modes; the answer is yes, so that uploads do not fail for it.';
