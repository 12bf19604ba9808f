import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import type { SessionContext } from './context.ts';

/** A channel and what is needed to serve it, whatever its protocol. */
export type ServedChannel = {
  readonly channel: ServerChannel;
  /** Aborted when the client has closed the channel and receives no more replies. */
  readonly hungUp: AbortSignal;
  /** The connection's socket. */
  readonly socket: Socket;
  readonly context: SessionContext;
  /** Aborted when the connection has closed. */
  readonly signal: AbortSignal;
  /** Call for each request. */
  readonly onActivity: () => void;
  /** Whether this is the only channel of the connection. */
  readonly isAlone: () => boolean;
};
