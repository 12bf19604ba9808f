import { createWriteStream } from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import { errorCode } from '../shared/platform/errors.ts';
import { createLog } from '../shared/platform/log.ts';
import { demoPartner, loadOrCreateCredentials } from './sftp/credentials.ts';
import { startSftpDoor } from './sftp/server.ts';
import type { RuntimeInfo } from './runtime-info.ts';
import { StartError } from './start-error.ts';

export type DoorOptions = {
  /** 0 = any free port. */
  readonly port: number;
  /** Keeps host key and credentials. */
  readonly directory: string;
  readonly logFile: string;
  readonly s3: S3Client;
  readonly inbox: string;
};

/** The SFTP server with its one demo partner, whose home is the whole inbox. */
export interface Door extends AsyncDisposable {
  readonly address: RuntimeInfo['sftp'];
}

const HOST = '127.0.0.1';

/** @throws StartError when the port cannot be had */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { port, inbox, s3 } = options;
  await using starting = new AsyncDisposableStack();
  const credentials = await loadOrCreateCredentials(options.directory);
  const file = createWriteStream(options.logFile, { flags: 'a' });
  starting.defer(() => void file.end());
  const log = createLog((line) => file.write(`${line}\n`));
  try {
    const door = starting.use(
      await startSftpDoor({
        host: HOST,
        port,
        hostKey: credentials.hostKey,
        s3,
        serverId: 's-local',
        authenticate: demoPartner(credentials, inbox),
        log: (event, fields) => log.info(event, fields),
      }),
    );
    const { username, password, privateKeyPath } = credentials;
    const parts = starting.move();
    return {
      address: { host: HOST, port: door.port, username, password, privateKeyPath },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (cause) {
    const words = PORT_TROUBLE[errorCode(cause) ?? ''];
    if (words === undefined) throw cause;
    throw new StartError(`Port ${port} ${words} with AIRLOCK_SFTP_PORT.`, { cause });
  }
}

const PORT_TROUBLE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; choose another',
  EACCES: 'needs more rights than you have; choose one above 1023',
};
