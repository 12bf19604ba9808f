import { errorCode } from '../shared/platform/errors.ts';
import { createAuthenticator, type Identify } from './ssh/authenticate.ts';
import type { Log, Publish } from './session/audit/audit.ts';
import type { Limits } from './ssh/limits/limits.ts';
import { type SshServer, startSshServer } from './ssh/server.ts';
import { createStorageClient } from './storage/storage-client.ts';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { StartError } from '../shared/platform/start-error.ts';

export type GatewayOptions = {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The option or variable that sets the port, for the error message. */
  readonly portSetting: string;
  readonly hostKey: string;
  readonly log: Log;
  readonly storage: S3ClientConfig;
  /** The identity provider. */
  readonly identify: Identify;
  readonly publish?: Publish;
  readonly serverId: string;
  readonly limits?: Partial<Limits>;
  readonly drainMs: number;
};

/** Starts the SFTP and SCP server. @throws StartError when it cannot listen on the port */
export async function startGateway(options: GatewayOptions): Promise<SshServer> {
  const { port, portSetting, storage, identify, serverId } = options;
  await using starting = new AsyncDisposableStack();
  const s3 = createStorageClient(storage);
  starting.defer(() => s3.destroy());
  try {
    const server = starting.use(
      await startSshServer({
        ...options,
        s3,
        authenticate: createAuthenticator({ identify, serverId, protocols: ['SFTP', 'SCP'] }),
      }),
    );
    const resources = starting.move();
    return {
      host: server.host,
      port: server.port,
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (cause) {
    const problem = PORT_PROBLEMS[errorCode(cause) ?? ''];
    if (problem === undefined) throw cause;
    throw new StartError(`Port ${port} ${problem} with ${portSetting}.`, { cause });
  }
}

const PORT_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; choose another',
  EACCES: 'needs privileges this process does not have; choose one above 1023',
};
