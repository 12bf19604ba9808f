import type { S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { AuthContext, Connection } from 'ssh2';
import { entriesOf } from '../storage/paths.ts';
import { guardedStore } from '../storage/guarded-store.ts';
import { Audit, type Log, type Publish } from '../session/audit/audit.ts';
import { Channels } from './channels.ts';
import type { SessionContext } from '../session/context.ts';
import { DownloadStreams } from '../session/download-streams.ts';
import { Namespace } from '../session/namespace.ts';
import { OpenUploads } from '../session/open-uploads.ts';
import type { AddressGuard } from './limits/address-guard.ts';
import type { Limits } from './limits/limits.ts';
import type { SessionCounts } from './limits/session-counts.ts';
import type { NameGuard } from './limits/name-guard.ts';
import { type AttemptDecision, type Authenticate, judgeAttempt, type Grant } from './login.ts';
import { MemoryBudget } from '../session/memory/budget.ts';

export type ConnectionOptions = {
  readonly s3: S3Client;
  readonly serverId: string;
  readonly authenticate: Authenticate;
  readonly log: Log;
  readonly publish: Publish;
  readonly limits: Limits;
  /** Shared by all connections of the server. */
  readonly guard: AddressGuard;
  readonly names: NameGuard;
  readonly sessions: SessionCounts;
};

const MAX_FAILED_LOGINS = 6;
const DISCONNECT_GRACE_MS = 2_000;

type CountedDecision =
  | Exclude<AttemptDecision, { decision: 'deny' }>
  | {
      readonly decision: 'deny';
      readonly reason: string;
      /** Before it is answered. */
      readonly delayMs: number;
    };

const METHODS: Array<'publickey' | 'password'> = ['publickey', 'password'];

/**
 * One TCP connection from accept to close: login, then any number of channels.
 *
 * ssh2 reports a connection only after the client's SSH identification string, which may never come. So
 * the login timer starts with the socket, and `attach` is called later or never.
 */
export class SshConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #log: Log;
  readonly #sourceIp: string;
  readonly #sessionId = randomBytes(10).toString('hex');
  readonly #stop = new AbortController();
  readonly #openUploads = new OpenUploads();
  #channels: Channels | undefined;
  #username: string | undefined;
  #failedLogins = 0;
  #isHalfOpen = true;
  #isCounted = false;
  readonly #startedAt = Date.now();
  /** Closes the connection when there is no login in time, or some time after the disconnect message. */
  #deadline: NodeJS.Timeout;
  /** Started by the login, restarted by each request. */
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
    socket.once('close', () => this.#onClose());
  }

  /** Call once the client has sent its SSH identification string. */
  attach(client: Connection): void {
    client
      .on('error', (error) => {
        this.#log('connection failed', { error });
        // ssh2 would wait for an unresponsive client to close the connection.
        if ('level' in error && error.level === 'client-timeout') this.#socket.destroy();
      })
      .on('authentication', (request) => void this.#login(client, request))
      .on('ready', () => this.#watchIdle(client))
      .on('session', (accept) => this.#channels?.open(accept()));
  }

  /** Refuses new files; resolves when the open uploads have ended, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const timer = new AbortController();
    const patience = sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#openUploads.drained(), patience]);
    timer.abort();
    // Lets the reply to the last upload be written.
    await nextTurn();
    this.#socket.destroySoon();
  }

  /** Closes the connection; resolves when its channels have ended and their uploads are aborted. */
  async end(): Promise<void> {
    this.#socket.destroy();
    this.#stop.abort(new Error('the server is shutting down'));
    await this.#channels?.done();
  }

  #onClose(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    this.#leaveHalfOpen();
    if (this.#isCounted) this.#options.sessions.leave(this.#username ?? '');
    if (this.#channels !== undefined) {
      this.#log('session ended', { durationMs: Date.now() - this.#startedAt });
    }
    this.#stop.abort(new Error('the connection ended'));
  }

  #leaveHalfOpen(): void {
    if (this.#isHalfOpen) this.#options.guard.leaveHalfOpen(this.#sourceIp);
    this.#isHalfOpen = false;
  }

  async #login(client: Connection, request: AuthContext): Promise<void> {
    const { username, method } = request;
    // Ignores attempts that arrive after the disconnect message.
    if (this.#failedLogins >= MAX_FAILED_LOGINS) return;
    try {
      const attempt = await this.#judge(request);
      switch (attempt.decision) {
        case 'open':
          this.#open(attempt.grant, method);
          return request.accept();
        case 'prove-key':
          return request.accept();
        case 'show-methods':
          return request.reject(METHODS);
        case 'deny':
          this.#log('login refused', { username, method, reason: attempt.reason });
          if (attempt.delayMs > 0) {
            await sleep(attempt.delayMs, undefined, { signal: this.#stop.signal });
          }
          // Whatever else the client tries would be refused, too.
          if (attempt.reason === 'too-many-failures') this.#failedLogins = MAX_FAILED_LOGINS;
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const reason = 'identity-provider-failed';
      this.#log('login refused', { username, method, reason, error });
    }
    this.#failedLogins += 1;
    if (this.#failedLogins < MAX_FAILED_LOGINS) request.reject(METHODS);
    else this.#disconnect(client);
  }

  /** Judges an attempt once the limits for guesses admit it, and counts it. */
  async #judge(request: AuthContext): Promise<CountedDecision> {
    const { authenticate, guard, names } = this.#options;
    const { username, method } = request;
    const { signal } = this.#stop;
    const isPassword = method === 'password';
    const delayMs = isPassword ? names.delayFor(username, this.#sourceIp) : 0;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal });
    const judgement = await guard.begin(this.#sourceIp, signal);
    if (judgement === undefined) {
      return { decision: 'deny', reason: 'too-many-failures', delayMs: 0 };
    }
    let isWrong = false;
    try {
      const attempt = await judgeAttempt(request, this.#sourceIp, authenticate);
      if (attempt.decision === 'open') names.recordLogin(username, this.#sourceIp);
      if (attempt.decision !== 'deny') return attempt;
      isWrong = attempt.isGuess;
      if (isWrong && isPassword) names.recordFailure(username);
      return { ...attempt, delayMs: isWrong ? judgement.wrong() : 0 };
    } finally {
      if (!isWrong) judgement.notWrong();
    }
  }

  #open(grant: Grant, method: string): void {
    const { s3, serverId, publish, sessions, limits } = this.#options;
    const { username, permits, homes, protocols } = grant;
    this.#username = username;
    this.#isCounted = sessions.enter(username);
    this.#leaveHalfOpen();
    this.#log('login accepted', { method, protocols });
    const storage = { s3: guardedStore(s3, permits), homes };
    const budget = new MemoryBudget(limits.memoryPatienceMs);
    const log = this.#log;
    const session = { sessionId: this.#sessionId, username, serverId, clientIp: this.#sourceIp };
    const context: SessionContext = {
      username,
      serverId,
      storage,
      namespace: new Namespace(storage, this.#openUploads),
      budget,
      streams: new DownloadStreams(),
      openUploads: this.#openUploads,
      audit: new Audit(session, log, publish),
      log,
    };
    this.#channels = new Channels({
      context,
      protocols,
      socket: this.#socket,
      signal: this.#stop.signal,
      onActivity: () => this.#idle?.refresh(),
      // Clients show what a channel prints, but not the reason of a disconnect message.
      refusal: this.#isCounted ? undefined : 'You have too many open connections; close one.',
    });
    this.#log('session started', { homes: entriesOf(homes) });
  }

  #watchIdle(client: Connection): void {
    clearTimeout(this.#deadline);
    this.#idle = setTimeout(() => {
      this.#log('session idle', {});
      this.#disconnect(client);
    }, this.#options.limits.idleMs);
  }

  /** Sends a disconnect message, and destroys the socket if the client does not close it soon. */
  #disconnect(client: Connection): void {
    client.end();
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#socket.destroy(), DISCONNECT_GRACE_MS);
  }
}
