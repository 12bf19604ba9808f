/** Child process of bench/gateway.ts: the S3 stand-in or the gateway. Sends its endpoint or port to the parent, and exits with it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGateway } from '../../gateway/start.ts';
import { startS3 } from '../../local/s3/server.ts';
import { BUCKET, keyPath } from './servers.ts';

const SETTINGS = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
};

const [, , role, directory = '', endpoint = ''] = process.argv;
const served = role === 'storage' ? await serveStorage() : await serveGateway();
process.on('SIGTERM', () => void served[Symbol.asyncDispose]().then(() => process.exit()));
process.on('disconnect', () => process.exit());

async function serveStorage(): Promise<AsyncDisposable> {
  const root = join(directory, 's3');
  mkdirSync(root);
  const s3 = await startS3({ root, region: SETTINGS.region, accountId: '000000000000', emit() {} });
  s3.ensureBucket(BUCKET, { versioned: false, eventBridge: false });
  process.send?.(s3.endpoint);
  return s3;
}

async function serveGateway(): Promise<AsyncDisposable> {
  const publicKey = readFileSync(`${keyPath(directory)}.pub`, 'utf8');
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    portSetting: '',
    hostKey: readFileSync(join(directory, 'host-key'), 'utf8'),
    log: () => {},
    storage: { ...SETTINGS, endpoint },
    identify: async () => ({
      Role: 'arn:aws:iam::000000000000:role/bench',
      HomeDirectoryType: 'LOGICAL',
      HomeDirectoryDetails: JSON.stringify([{ Entry: '/', Target: `/${BUCKET}/gateway` }]),
      PublicKeys: [publicKey],
    }),
    serverId: 's-bench',
    drainMs: 0,
  });
  process.send?.(gateway.port);
  return gateway;
}
