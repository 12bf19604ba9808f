import type { S3Client } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { createServer, type Server as Listener } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { ALGORITHMS } from './algorithms.ts';
import { SftpConnection } from './connection.ts';
import type { Log } from './context.ts';
import type { Authenticate } from './login.ts';

export type { LoginAttempt, SftpSession } from './login.ts';

export type SftpDoorOptions = {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Private key, OpenSSH or PEM text. */
  readonly hostKey: string;
  readonly s3: S3Client;
  /** Appears in the metadata of uploads, as `username@serverId`. */
  readonly serverId: string;
  /** undefined = denied; an error denies too, and is logged. */
  readonly authenticate: Authenticate;
  readonly log: Log;
};

/** Storage that does not answer must not keep the door from closing. */
const CLOSE_DEADLINE_MS = 2_000;

export interface SftpDoor extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * An SFTP server whose files are the objects of a bucket. Uploads stream into S3; the object appears
 * when the partner closes the file, whole, or not at all.
 *
 * Disposal takes no more connections, cuts those there are and aborts their uploads; it may be repeated.
 *
 * @throws the error of listening as it is, EADDRINUSE for example
 */
export async function startSftpDoor(options: SftpDoorOptions): Promise<SftpDoor> {
  const ssh = new ssh2.Server({
    hostKeys: [options.hostKey],
    algorithms: ALGORITHMS,
    ident: 'Airlock',
  });
  const connections = new Map<string, SftpConnection>();
  const ending = new Set<Promise<void>>();

  // The sockets are ours and lent to ssh2, which would neither let us cut them nor wait for their end.
  // Without noDelay, each small file waits for the client's delayed acknowledgements.
  const listener = createServer({ noDelay: true }, (socket) => {
    const peer = peerName(socket.remoteAddress, socket.remotePort);
    const connection = new SftpConnection(socket, options);
    connections.set(peer, connection);
    socket.once('close', () => {
      connections.delete(peer);
      const ended = connection.end().finally(() => ending.delete(ended));
      ending.add(ended);
    });
    ssh.injectSocket(socket);
  });
  ssh.on('connection', (client, { ip, port }) => {
    connections.get(peerName(ip, port))?.greeted(client);
  });

  listener.listen(options.port, options.host);
  await once(listener, 'listening');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = once(listener, 'close');
    listener.close();
    const ended = [...connections.values()].map((connection) => connection.end());
    await Promise.race([
      Promise.all([closed, ...ended, ...ending]),
      setTimeout(CLOSE_DEADLINE_MS, undefined, { ref: false }),
    ]);
  };
  return {
    host: options.host,
    port: portOf(listener),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

function peerName(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`;
}

function portOf(listener: Listener): number {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return address.port;
}
