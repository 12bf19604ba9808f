import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { RefreshPorts, RefreshRules } from '../../shared/signatures/refresh-signatures.ts';
import { clamdTrial } from '../../shared/signatures/clamd-trial.ts';
import { freshclamUpdater } from '../../shared/signatures/freshclam-updater.ts';
import { freshclamWorkshop } from '../../shared/signatures/freshclam-database-builder.ts';
import { s3SignatureInputs } from '../../shared/signatures/s3-signature-inputs.ts';
import { s3SignatureStore } from '../../shared/signatures/s3-signature-store.ts';
import { HARMLESS, INFECTED } from '../../shared/signatures/samples.ts';
import type { Config } from './config.ts';

/** Whatever is done here is done from scratch each time: what counts is in the bucket. */
const ROOT = join(tmpdir(), 'airlock-refresh');

export function createRules(config: Config): RefreshRules {
  return {
    infected: INFECTED,
    harmless: HARMLESS,
    memoryCapMb: config.MEMORY_CAP_MB,
    keepVersions: config.KEEP_VERSIONS,
  };
}

/** Puts an adapter into each port. The client finds region, credentials and endpoint in the environment. */
export async function createPorts(config: Config): Promise<RefreshPorts> {
  const s3 = new S3Client({});
  const mirrors = { official: config.DATABASE_MIRROR, custom: config.CUSTOM_DATABASE_URLS };
  return {
    store: s3SignatureStore(s3, config.SIGNATURE_BUCKET),
    inputs: s3SignatureInputs(s3, config.SIGNATURE_BUCKET),
    updater: freshclamUpdater(mirrors, ROOT),
    workshop: await freshclamWorkshop(ROOT),
    startTrial: clamdTrial(join(ROOT, 'trial')),
    now: Date.now,
  };
}
