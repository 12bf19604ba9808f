import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { HeadBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { CommanderError } from 'commander';
import { describeError } from '../shared/platform/errors.ts';
import { createLog, type Log } from '../shared/platform/log.ts';
import { type GatewayArguments, parseArguments } from './options.ts';
import { startGateway } from './start.ts';
import { eventPublisher } from './event-publisher.ts';
import {
  bucketDirectory,
  folderDirectory,
  identifyWithFunction,
  identifyFromDirectory,
} from './identity-source.ts';
import type { Identify } from './ssh/authenticate.ts';
import { loadOrCreateHostKey } from './ssh/credentials.ts';
import { StartError } from '../shared/platform/start-error.ts';
import { untilStopped } from '../shared/platform/until-stopped.ts';

try {
  await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error instanceof StartError ? `gateway: ${error.message}` : error);
    process.exitCode = 1;
  }
}

async function main(options: GatewayArguments): Promise<void> {
  const { bucket, host, port, region, events } = options;
  const log = createLog((line) => process.stdout.write(`${line}\n`));
  const stopped = untilStopped();
  const storage: S3ClientConfig = {
    ...(region !== undefined && { region }),
    // S3 servers other than AWS rarely have a host name for each bucket.
    ...(options.endpoint !== undefined && { endpoint: options.endpoint, forcePathStyle: true }),
  };
  const identify = chooseIdentitySource(options, storage, log);
  await assertBucket(storage, bucket);
  const home = resolve(options.home);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const gateway = await startGateway({
    host,
    port,
    portSetting: '--port',
    hostKey: await loadOrCreateHostKey(join(home, 'host-key')),
    log: (event, fields) => log.info(event, fields),
    storage,
    identify,
    serverId: options.serverId,
    drainMs: options.drain * 1000,
    limits: {
      idleMs: options.idle * 60_000,
      connections: options.maxConnections,
      connectionsPerPartner: options.maxConnectionsPerPartner,
    },
    ...(events !== undefined && {
      publish: eventPublisher(
        new EventBridgeClient({ ...(region !== undefined && { region }) }),
        events,
        (why) => log.warn('event lost', { error: describeError(why) }),
      ),
    }),
  });
  log.info('gateway opened', { host: gateway.host, port: gateway.port, bucket });
  await stopped;
  log.info('gateway closing', { drainS: options.drain });
  await gateway[Symbol.asyncDispose]();
  log.info('gateway closed');
  process.exit();
}

function chooseIdentitySource(
  options: GatewayArguments,
  storage: S3ClientConfig,
  log: Log,
): Identify {
  const { partners, configBucket, identityFunction, bucket, region } = options;
  if (partners !== undefined)
    return identifyFromDirectory(folderDirectory(resolve(partners)), bucket, log);
  if (configBucket !== undefined) {
    return identifyFromDirectory(bucketDirectory(storage, configBucket), bucket, log);
  }
  if (identityFunction !== undefined) return identifyWithFunction(identityFunction, region);
  throw new StartError(
    'Nobody could log in: name the partners with --partners, --config-bucket or --identity-function.',
  );
}

/** Fails at start, not at the first partner's upload. */
async function assertBucket(storage: S3ClientConfig, bucket: string): Promise<void> {
  try {
    await new S3Client(storage).send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (cause) {
    const where = typeof storage.endpoint === 'string' ? ` at ${storage.endpoint}` : '';
    throw new StartError(
      `The bucket ${bucket}${where} cannot be used: ${describeError(cause)}. Check its name, the region and the credentials.`,
      { cause },
    );
  }
}
