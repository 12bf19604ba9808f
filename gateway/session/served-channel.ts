import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import type { SessionContext } from './context.ts';

/** What a channel is served with, whatever it speaks. */
export type ServedChannel = {
  readonly channel: ServerChannel;
  /** Aborted when the partner has closed the channel; requests sent before are answered, unheard. */
  readonly hungUp: AbortSignal;
  /** What the channel runs over. */
  readonly socket: Socket;
  readonly context: SessionContext;
  readonly signal: AbortSignal;
  readonly onActivity: () => void;
  /** Whether nothing else is served on the connection. */
  readonly isAlone: () => boolean;
};
