import type { S3Client } from '@aws-sdk/client-s3';
import type { Socket } from 'node:net';
import type { AuthContext, Connection, ServerChannel, Session } from 'ssh2';
import { serveSftp } from './channel.ts';
import type { Context, Log } from './context.ts';
import { Handles } from './handles.ts';
import { decideLogin, type Authenticate, type SftpSession } from './login.ts';
import { homeOf } from './paths.ts';

export type ConnectionOptions = {
  readonly s3: S3Client;
  readonly serverId: string;
  readonly authenticate: Authenticate;
  readonly log: Log;
};

const MAX_FAILED_LOGINS = 6;
const LOGIN_GRACE_MS = 30_000;

/** As AWS Transfer Family: a partner who asks for nothing for so long is sent away. */
const IDLE_MS = 30 * 60_000;

const PARTING_MS = 2_000;

/** As OpenSSH's MaxSessions: what one channel may hold in memory is bounded, so is their number. */
const MAX_CHANNELS = 10;

const METHODS: Array<'publickey' | 'password'> = ['publickey', 'password'];

/**
 * One TCP connection, from the first byte to the last: login, then any number of SFTP channels.
 *
 * The socket exists before ssh2 has heard a greeting from the other side, and may never get one; so the
 * clock for the login starts with the socket, and `greeted` is called later or never.
 */
export class SftpConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #log: Log;
  readonly #remoteAddress: string;
  readonly #stop = new AbortController();
  /** Channels being served; each settles without rejecting. */
  readonly #channels = new Set<Promise<void>>();
  #session: SftpSession | undefined;
  #failedLogins = 0;
  readonly #startedAt = Date.now();
  /** Cuts the connection when there is no login in time, and when leave has been taken. */
  #deadline: NodeJS.Timeout;
  /** Started by the login, and anew by each request. */
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#remoteAddress = socket.remoteAddress ?? 'unknown';
    this.#log = (line, fields) =>
      options.log(line, {
        remoteAddress: this.#remoteAddress,
        username: this.#session?.username,
        ...fields,
      });
    this.#deadline = setTimeout(() => {
      this.#log('sftp login timed out', {});
      socket.destroy();
    }, LOGIN_GRACE_MS);
    socket.once('close', () => {
      clearTimeout(this.#deadline);
      clearTimeout(this.#idle);
      const durationMs = Date.now() - this.#startedAt;
      if (this.#session !== undefined) this.#log('sftp connection ended', { durationMs });
      this.#stop.abort(new Error('the connection ended'));
    });
  }

  greeted(client: Connection): void {
    client
      .on('error', (error) => {
        this.#log('sftp connection failed', { error });
        // ssh2 would wait for a peer that no longer answers to take its leave.
        if ('level' in error && error.level === 'client-timeout') this.#socket.destroy();
      })
      .on('authentication', (request) => void this.#login(client, request))
      .on('ready', () => this.#watchIdle(client))
      .on('session', (accept) => this.#openSession(accept()));
  }

  /** Cuts the connection; resolves when nothing of it is left, uploads included. */
  async end(): Promise<void> {
    this.#socket.destroy();
    this.#stop.abort(new Error('the server is shutting down'));
    await Promise.all(this.#channels);
  }

  async #login(client: Connection, request: AuthContext): Promise<void> {
    const { authenticate } = this.#options;
    const { username, method } = request;
    // What a client sends after it was sent away is not looked at.
    if (this.#failedLogins >= MAX_FAILED_LOGINS) return;
    try {
      const login = await decideLogin(request, this.#remoteAddress, authenticate);
      switch (login.decision) {
        case 'open':
          this.#session = login.session;
          this.#log('sftp login', { method });
          return request.accept();
        case 'prove-key':
          return request.accept();
        case 'show-methods':
          return request.reject(METHODS);
        case 'deny':
          this.#log('sftp login denied', { username, method });
      }
    } catch (error) {
      this.#log('sftp login failed', { username, method, error });
    }
    this.#failedLogins += 1;
    if (this.#failedLogins < MAX_FAILED_LOGINS) request.reject(METHODS);
    else this.#sendAway(client);
  }

  #watchIdle(client: Connection): void {
    clearTimeout(this.#deadline);
    this.#idle = setTimeout(() => {
      this.#log('sftp connection idle', {});
      this.#sendAway(client);
    }, IDLE_MS);
  }

  /** Takes leave politely, but does not wait long for the other side to do so too. */
  #sendAway(client: Connection): void {
    client.end();
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#socket.destroy(), PARTING_MS);
  }

  #openSession(session: Session): void {
    session
      .on('pty', (accept) => accept?.())
      .on('shell', (accept) => refuseCommands(accept()))
      .on('exec', (accept) => refuseCommands(accept()))
      .on('subsystem', (accept, reject, { name }) => {
        // Without a listener for 'sftp', ssh2 hands over the bare channel, whose window we then control.
        const login = this.#session;
        if (name !== 'sftp' || login === undefined || this.#channels.size >= MAX_CHANNELS) reject();
        else this.#serve(session, accept(), login);
      });
  }

  #serve(session: Session, channel: ServerChannel, login: SftpSession): void {
    const context: Context = {
      username: login.username,
      serverId: this.#options.serverId,
      storage: { s3: this.#options.s3, home: homeOf(login) },
      handles: new Handles(),
      log: this.#log,
    };
    channel.on('error', (error: unknown) => this.#log('sftp channel failed', { error }));
    const hungUp = new AbortController();
    session.once('close', () => hungUp.abort());
    const served = serveSftp({
      channel,
      hungUp: hungUp.signal,
      socket: this.#socket,
      context,
      signal: this.#stop.signal,
      onActivity: () => this.#idle?.refresh(),
    }).finally(() => this.#channels.delete(served));
    this.#channels.add(served);
  }
}

function refuseCommands(channel: ServerChannel): void {
  channel.stderr.write('This server speaks SFTP only.\r\n');
  channel.exit(1);
  channel.end();
}
