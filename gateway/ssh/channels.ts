import type { Socket } from 'node:net';
import type { ServerChannel, Session } from 'ssh2';
import { serveSftp } from '../sftp/serve-sftp.ts';
import type { SessionContext } from '../session/context.ts';
import type { Protocol } from './login.ts';
import type { ServedChannel } from '../session/served-channel.ts';
import { parseScpCommand } from '../scp/command.ts';
import { serveScp } from '../scp/serve-scp.ts';

export type ChannelsOptions = {
  readonly context: SessionContext;
  readonly protocols: readonly Protocol[];
  readonly socket: Socket;
  /** Aborted when the connection has closed. */
  readonly signal: AbortSignal;
  /** Called for each request. */
  readonly onActivity: () => void;
  /** Message for the user when all channels of this connection are refused. */
  readonly refusal: string | undefined;
};

/** OpenSSH's default MaxSessions. ssh2 lets the client send 2 MiB ahead on each channel. */
const MAX_CHANNELS = 10;

/** The channels of one connection: SFTP and SCP are served, anything else is refused with a message. */
export class Channels {
  readonly #options: ChannelsOptions;
  /** Channels being served; each settles without rejecting. */
  readonly #served = new Set<Promise<void>>();

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  open(session: Session): void {
    const { protocols, refusal } = this.#options;
    const usable: string[] = [...protocols];
    const only = `This server speaks ${usable.join(' and ')} only.`;
    session
      .on('pty', (accept) => accept?.())
      .on('shell', (accept) => refuse(accept(), refusal ?? only))
      .on('exec', (accept, _reject, { command }) => {
        const scp = parseScpCommand(command);
        if (refusal !== undefined) refuse(accept(), refusal);
        else if (scp === undefined || !usable.includes('SCP')) refuse(accept(), only);
        else this.#serve(session, accept(), (served) => serveScp(served, scp));
      })
      .on('subsystem', (accept, reject, { name }) => {
        // Without a listener for 'sftp', ssh2 passes the raw channel, whose window we then control.
        if (name !== 'sftp') reject();
        else if (refusal !== undefined) refuse(accept(), refusal);
        else if (!usable.includes('SFTP')) refuse(accept(), only);
        else this.#serve(session, accept(), serveSftp);
      });
  }

  /** Resolves when no channel is served any more. */
  async done(): Promise<void> {
    await Promise.all(this.#served);
  }

  #serve(
    session: Session,
    channel: ServerChannel,
    serve: (served: ServedChannel) => Promise<void>,
  ): void {
    const { context, socket, signal, onActivity } = this.#options;
    if (this.#served.size >= MAX_CHANNELS) {
      refuse(channel, `At most ${MAX_CHANNELS} sessions may share a connection.`);
      return;
    }
    channel.on('error', (error: unknown) => context.log('channel failed', { error }));
    const hungUp = new AbortController();
    session.once('close', () => hungUp.abort());
    const isAlone = (): boolean => this.#served.size === 1;
    const serving = {
      channel,
      hungUp: hungUp.signal,
      socket,
      context,
      signal,
      onActivity,
      isAlone,
    };
    const served = serve(serving)
      .catch((error: unknown) => context.log('channel failed', { error }))
      .finally(() => this.#served.delete(served));
    this.#served.add(served);
  }
}

function refuse(channel: ServerChannel, message: string): void {
  channel.stderr.write(`${message}\r\n`);
  channel.exit(1);
  channel.end();
}
