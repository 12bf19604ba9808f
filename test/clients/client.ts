import type { OperationId } from './operations.ts';
import type { World } from './world.ts';

/** The expected result of an operation with a client. */
export type Cell =
  /** The operation works; `do` returns what the client printed. */
  | { readonly does: 'work'; readonly do: (world: World) => Promise<string> }
  /** The operation is refused, and the client reports it. */
  | {
      readonly does: 'refuse';
      readonly do: (world: World) => Promise<string>;
      /** The client's message. */
      readonly message: RegExp;
      /** The reason, for docs/clients.md. */
      readonly why: string;
    }
  /** The client reports success, but the operation has no effect. */
  | {
      readonly does: 'ignore';
      readonly do: (world: World) => Promise<string>;
      readonly why: string;
    }
  /** The client has no such command. */
  | { readonly does: 'lack' };

export type Client = {
  readonly name: string;
  /** undefined = it is not installed. */
  readonly version: () => Promise<string | undefined>;
  readonly cells: Readonly<Record<OperationId, Cell>>;
};

export const LACK: Cell = { does: 'lack' };

export function works(how: (world: World) => Promise<string>): Cell {
  return { does: 'work', do: how };
}

export const NO_LINKS = 'S3 has no links.';
export const NO_MODES =
  'S3 objects have no modes; the request is answered with OK, so that uploads do not fail.';
