import { onPort } from '../shared/platform/listening-port.ts';
import { createAuthenticator, type Identify } from './ssh/authenticate.ts';
import type { Log, Publish } from './session/audit/audit.ts';
import type { Limits } from './ssh/limits/limits.ts';
import { type SshServer, startSshServer } from './ssh/server.ts';
import { createStorageClient } from './storage/storage-client.ts';
import type { S3ClientConfig } from '@aws-sdk/client-s3';

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
  const authenticate = createAuthenticator({ identify, serverId, protocols: ['SFTP', 'SCP'] });
  const server = starting.use(
    await onPort(port, portSetting, () => startSshServer({ ...options, s3, authenticate })),
  );
  const resources = starting.move();
  return {
    host: server.host,
    port: server.port,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
