import type { S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { AuthContext, Connection } from 'ssh2';
import { guardedStore } from '../storage/guarded-store.ts';
import { Audit, type Log, type Publish } from '../session/audit/audit.ts';
import { Channels } from './channels.ts';
import type { SessionContext } from '../session/context.ts';
import { DownloadStreams } from '../session/download-streams.ts';
import { FolderNames } from '../storage/folder-names.ts';
import { InHand } from '../session/open-uploads.ts';
import type { AddressGuard } from './limits/address-guard.ts';
import type { Limits } from './limits/limits.ts';
import type { SessionCounts } from './limits/session-counts.ts';
import { type Authenticate, decideLogin, type Grant } from './login.ts';
import { MemoryBudget } from '../session/memory/budget.ts';

export type ConnectionOptions = {
  readonly s3: S3Client;
  readonly serverId: string;
  readonly authenticate: Authenticate;
  readonly log: Log;
  readonly publish: Publish;
  readonly limits: Limits;
  /** Shared by all connections of the gateway. */
  readonly guard: AddressGuard;
  readonly sessions: SessionCounts;
};

const MAX_FAILED_LOGINS = 6;
const PARTING_MS = 2_000;

const METHODS: Array<'publickey' | 'password'> = ['publickey', 'password'];

/**
 * One TCP connection, from the first byte to the last: login, then any number of channels.
 *
 * The socket exists before ssh2 has heard a greeting from the other side, and may never get one; so the
 * clock for the login starts with the socket, and `greeted` is called later or never.
 */
export class SshConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #log: Log;
  readonly #sourceIp: string;
  readonly #sessionId = randomBytes(10).toString('hex');
  readonly #stop = new AbortController();
  readonly #inHand = new InHand();
  #channels: Channels | undefined;
  #username: string | undefined;
  #failedLogins = 0;
  #isHalfOpen = true;
  #isCounted = false;
  readonly #startedAt = Date.now();
  /** Cuts the connection when there is no login in time, and when leave has been taken. */
  #deadline: NodeJS.Timeout;
  /** Started by the login, and anew by each request. */
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: Socket, sourceIp: string, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#sourceIp = sourceIp;
    this.#log = (line, fields) =>
      options.log(line, {
        sessionId: this.#sessionId,
        sourceIp,
        username: this.#username,
        ...fields,
      });
    this.#deadline = setTimeout(() => {
      this.#log('login timed out', {});
      socket.destroy();
    }, options.limits.loginGraceMs);
    socket.once('close', () => this.#closed());
  }

  greeted(client: Connection): void {
    client
      .on('error', (error) => {
        this.#log('connection failed', { error });
        // ssh2 would wait for a peer that no longer answers to take its leave.
        if ('level' in error && error.level === 'client-timeout') this.#socket.destroy();
      })
      .on('authentication', (request) => void this.#login(client, request))
      .on('ready', () => this.#watchIdle(client))
      .on('session', (accept) => this.#channels?.open(accept()));
  }

  /** Opens nothing more; resolves when the uploads in hand have ended, in time or not. */
  async drain(graceMs: number): Promise<void> {
    const timer = new AbortController();
    const patience = sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#inHand.drained(), patience]);
    timer.abort();
    // The partner is still to be told that the last upload is stored.
    await nextTurn();
    this.#socket.destroySoon();
  }

  /** Cuts the connection; resolves when nothing of it is left, uploads included. */
  async end(): Promise<void> {
    this.#socket.destroy();
    this.#stop.abort(new Error('the server is shutting down'));
    await this.#channels?.done();
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    this.#settle();
    if (this.#isCounted) this.#options.sessions.leave(this.#username ?? '');
    if (this.#channels !== undefined) {
      this.#log('session ended', { durationMs: Date.now() - this.#startedAt });
    }
    this.#stop.abort(new Error('the connection ended'));
  }

  #settle(): void {
    if (this.#isHalfOpen) this.#options.guard.settle(this.#sourceIp);
    this.#isHalfOpen = false;
  }

  async #login(client: Connection, request: AuthContext): Promise<void> {
    const { authenticate, guard } = this.#options;
    const { username, method } = request;
    // What a client sends after it was sent away is not looked at.
    if (this.#failedLogins >= MAX_FAILED_LOGINS) return;
    try {
      const login = await decideLogin(request, this.#sourceIp, authenticate);
      switch (login.decision) {
        case 'open':
          this.#open(login.grant, method);
          return request.accept();
        case 'prove-key':
          return request.accept();
        case 'show-methods':
          return request.reject(METHODS);
        case 'deny': {
          const { reason, isGuess } = login;
          this.#log('login refused', { username, method, reason });
          const delayMs = isGuess ? guard.failed(this.#sourceIp) : 0;
          if (delayMs > 0) await sleep(delayMs, undefined, { signal: this.#stop.signal });
        }
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const reason = 'identity-provider-failed';
      this.#log('login refused', { username, method, reason, error });
    }
    this.#failedLogins += 1;
    if (this.#failedLogins < MAX_FAILED_LOGINS) request.reject(METHODS);
    else this.#sendAway(client);
  }

  #open(grant: Grant, method: string): void {
    const { s3, serverId, publish, sessions, limits } = this.#options;
    const { username, permits, homes, protocols } = grant;
    this.#username = username;
    this.#isCounted = sessions.enter(username);
    this.#settle();
    this.#log('login accepted', { method, protocols });
    const guarded = guardedStore(s3, permits);
    const budget = new MemoryBudget(limits.memoryPatienceMs);
    const log = this.#log;
    const who = { sessionId: this.#sessionId, username, serverId, clientIp: this.#sourceIp };
    const context: SessionContext = {
      username,
      serverId,
      storage: { s3: guarded, homes },
      folderNames: new FolderNames(guarded),
      budget,
      streams: new DownloadStreams(),
      inHand: this.#inHand,
      audit: new Audit(who, log, publish),
      log,
    };
    this.#channels = new Channels({
      context,
      protocols,
      socket: this.#socket,
      signal: this.#stop.signal,
      onActivity: () => this.#idle?.refresh(),
      // A client shows its user what a command prints, but not why a connection was ended.
      refusal: this.#isCounted ? undefined : 'Too many connections of yours are open; close one.',
    });
    this.#log('session started', { homes: homes.map(({ entry }) => entry) });
  }

  #watchIdle(client: Connection): void {
    clearTimeout(this.#deadline);
    this.#idle = setTimeout(() => {
      this.#log('session idle', {});
      this.#sendAway(client);
    }, this.#options.limits.idleMs);
  }

  /** Takes leave politely, but does not wait long for the other side to do so too. */
  #sendAway(client: Connection): void {
    client.end();
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#socket.destroy(), PARTING_MS);
  }
}
