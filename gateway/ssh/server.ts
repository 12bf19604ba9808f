import { once } from 'node:events';
import { createServer, type Server as Listener, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import ssh2 from './ssh2.ts';
import { ALGORITHMS } from './algorithms.ts';
import type { Publish } from '../session/audit/audit.ts';
import { type ConnectionOptions, SshConnection } from './connection.ts';
import { AddressGuard } from './limits/address-guard.ts';
import { DEFAULT_LIMITS, type Limits } from './limits/limits.ts';
import { NameGuard } from './limits/name-guard.ts';
import { SessionCounts } from './limits/session-counts.ts';

export type { LoginAttempt } from './login.ts';

export type SshServerOptions = Pick<
  ConnectionOptions,
  's3' | 'serverId' | 'authenticate' | 'log'
> & {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Private key, OpenSSH or PEM text. */
  readonly hostKey: string;
  /** Receives the events that AWS Transfer Family would publish; default: they are dropped. */
  readonly publish?: Publish;
  readonly limits?: Partial<Limits>;
  /** How long open uploads may take to finish when the server is disposed; default 0. */
  readonly drainMs?: number;
};

/** Limits how long disposal waits for storage that does not answer. */
const CLOSE_DEADLINE_MS = 2_000;

export interface SshServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts an SFTP and SCP server whose files are the objects of buckets. Uploads stream into S3; the object
 * appears, complete, when the partner closes the file, or not at all.
 *
 * Disposal accepts no more connections, lets open uploads finish for `drainMs`, then closes the remaining
 * connections and aborts their uploads. It is idempotent.
 *
 * @throws the error of `listen`, such as EADDRINUSE
 */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const ssh = new ssh2.Server({
    hostKeys: [options.hostKey],
    algorithms: ALGORITHMS,
    ident: 'Airlock',
  });
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const guard = new AddressGuard(limits);
  const names = new NameGuard(limits);
  const sessions = new SessionCounts(limits.connectionsPerPartner);
  const shared = { publish: () => {}, ...options, limits, guard, names, sessions };
  const connections = new Map<string, SshConnection>();
  const ending = new Set<Promise<void>>();

  // We accept the sockets ourselves: ssh2's own listener can neither destroy them nor await their end.
  // Without noDelay, each small file waits for the client's delayed acknowledgements.
  const listener = createServer({ noDelay: true }, (socket) => {
    const sourceIp = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
    const refused =
      connections.size >= limits.connections ? 'too-many-connections' : guard.admit(sourceIp);
    if (refused !== undefined) {
      options.log('connection refused', { sourceIp, reason: refused });
      refuseSocket(socket);
      return;
    }
    const peer = peerName(socket.remoteAddress, socket.remotePort);
    const connection = new SshConnection(socket, sourceIp, shared);
    connections.set(peer, connection);
    socket.once('close', () => {
      connections.delete(peer);
      const ended = connection.end().finally(() => ending.delete(ended));
      ending.add(ended);
    });
    ssh.injectSocket(socket);
  });
  ssh.on('connection', (client, { ip, port }) => {
    connections.get(peerName(ip, port))?.attach(client);
  });

  listener.listen(options.port, options.host);
  await once(listener, 'listening');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = once(listener, 'close');
    listener.close();
    const ended = [...connections.values()].map(async (connection) => {
      await connection.drain(options.drainMs ?? 0);
      return connection.end();
    });
    const deadlineMs = (options.drainMs ?? 0) + CLOSE_DEADLINE_MS;
    await Promise.race([
      Promise.all([closed, ...ended, ...ending]),
      setTimeout(deadlineMs, undefined, { ref: false }),
    ]);
  };
  return {
    host: options.host,
    port: portOf(listener),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

/** A server may send lines before its SSH identification string; `ssh -v` shows them. */
function refuseSocket(socket: Socket): void {
  socket.on('error', () => {}).resume();
  socket.end('Refused: too many connections or failed logins. Try again later.\r\n');
  socket.once('finish', () => socket.destroy());
}

function peerName(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`;
}

function portOf(listener: Listener): number {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return address.port;
}
