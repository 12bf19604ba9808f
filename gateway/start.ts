import { errorCode } from '../shared/platform/errors.ts';
import { askIdentityProvider, type Identify } from './ssh/authenticate.ts';
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
  /** How the port is chosen, for the one who has to choose another. */
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

/** Opens the SFTP and SCP server. @throws StartError when the port cannot be had */
export async function startGateway(options: GatewayOptions): Promise<SshServer> {
  const { port, portSetting, storage, identify, serverId } = options;
  await using starting = new AsyncDisposableStack();
  const s3 = createStorageClient(storage);
  starting.defer(() => s3.destroy());
  try {
    const gateway = starting.use(
      await startSshServer({
        ...options,
        s3,
        authenticate: askIdentityProvider({ identify, serverId, protocols: ['SFTP', 'SCP'] }),
      }),
    );
    const parts = starting.move();
    return {
      host: gateway.host,
      port: gateway.port,
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (cause) {
    const words = PORT_TROUBLE[errorCode(cause) ?? ''];
    if (words === undefined) throw cause;
    throw new StartError(`Port ${port} ${words} with ${portSetting}.`, { cause });
  }
}

const PORT_TROUBLE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; choose another',
  EACCES: 'needs more rights than you have; choose one above 1023',
};
