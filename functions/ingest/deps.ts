import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { efsLanding } from '../../shared/commit/efs-landing.ts';
import { s3Quarantine } from '../../shared/commit/s3-quarantine.ts';
import {
  partnerPolicies,
  POLICY_FRESH_FOR_MS,
} from '../../shared/identity/partner/partner-policies.ts';
import { s3PartnerDirectory } from '../../shared/identity/partner/s3-partner-directory.ts';
import { eventBridgeNotifier } from '../../shared/notify/eventbridge-notifier.ts';
import { powertoolsNotifier } from '../../shared/notify/powertools-notifier.ts';
import { snsNotifier } from '../../shared/notify/sns-notifier.ts';
import { openers } from '../../shared/open/openers.ts';
import type { BatchPorts } from '../../shared/pipeline/ports.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { sqsWorkQueue } from '../../shared/queue/sqs-work-queue.ts';
import { archiveInspector } from '../../shared/scan/archive/archive-inspector.ts';
import { waitForEngine } from '../../shared/scan/wait-for-engine.ts';
import { clamdScanner } from '../../shared/scan/clamd/clamd-scanner.ts';
import { clamdStreamScanner } from '../../shared/scan/clamd/clamd-stream-scanner.ts';
import { cacheVersion } from '../../shared/scan/cache-version.ts';
import type { Scanner } from '../../shared/scan/scanner.ts';
import { s3Settler } from '../../shared/inbox/s3-settler.ts';
import { diskStaging } from '../../shared/stage/disk-staging.ts';
import { s3ObjectSource } from '../../shared/inbox/s3-object-source.ts';
import type { Config } from './config.ts';

const HOUR_MS = 3_600_000;

/** For at most so long after an update of the database, verdicts name its old version. */
const VERSION_MS = 5_000;

/** Puts an adapter into each port. Clients find region, credentials and endpoints in the environment. */
export function createPorts(config: Config): BatchPorts {
  const log = powertoolsLog('ingest');
  const s3 = new S3Client({});
  return {
    source: s3ObjectSource(s3),
    staging: diskStaging(join(tmpdir(), 'airlock-staging')),
    inspector: archiveInspector(),
    opener: openers(),
    scanner: cacheVersion(
      waitForEngine(scannerAt(config.CLAMD_SOCKET), config.ENGINE_PATIENCE_S * 1000),
      VERSION_MS,
    ),
    landing: efsLanding({
      landingRoot: config.LANDING_ROOT,
      incomingRoot: config.INCOMING_ROOT,
    }),
    quarantine: s3Quarantine(s3, config.QUARANTINE_BUCKET),
    notifiers: [
      snsNotifier(new SNSClient({}), config.NOTICES_TOPIC_ARN),
      eventBridgeNotifier(new EventBridgeClient({}), config.EVENT_BUS_NAME),
      powertoolsNotifier(),
    ],
    settler: s3Settler(s3),
    partners: partnerPolicies(
      s3PartnerDirectory(s3, config.CONFIG_BUCKET, { freshForMs: POLICY_FRESH_FOR_MS }),
      log,
    ),
    queue: sqsWorkQueue(new SQSClient({}), {
      queue: config.INGEST_QUEUE_URL,
      deadLetter: config.DEAD_LETTER_QUEUE_URL,
    }),
    policy: {
      inboxBucket: config.INBOX_BUCKET,
      temporarySuffixes: config.TEMPORARY_SUFFIXES,
    },
    ...(config.MAX_SIGNATURE_AGE_H > 0 && {
      maxSignatureAgeMs: config.MAX_SIGNATURE_AGE_H * HOUR_MS,
    }),
    log,
    now: Date.now,
  };
}

/** A clamd on another host does not see our files, so it is sent their bytes. */
function scannerAt(address: string): Scanner {
  return address.startsWith('tcp:') ? clamdStreamScanner(address) : clamdScanner(address);
}
