import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { efsLanding } from '../../shared/commit/efs-landing.ts';
import { s3Quarantine } from '../../shared/commit/s3-quarantine.ts';
import { eventBridgeNotifier } from '../../shared/notify/eventbridge-notifier.ts';
import type { Notifier } from '../../shared/notify/notifier.ts';
import { powertoolsNotifier } from '../../shared/notify/powertools-notifier.ts';
import { snsNotifier } from '../../shared/notify/sns-notifier.ts';
import type { BatchPorts } from '../../shared/pipeline/ports.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { sqsWorkQueue } from '../../shared/queue/sqs-work-queue.ts';
import { archiveInspector } from '../../shared/scan/archive-inspector.ts';
import { clamdScanner } from '../../shared/scan/clamd-scanner.ts';
import { s3Settler } from '../../shared/settle/s3-settler.ts';
import { efsStaging } from '../../shared/stage/efs-staging.ts';
import { s3ObjectSource } from '../../shared/stage/s3-object-source.ts';
import type { Config } from './config.ts';

/** Puts an adapter into each port. Clients find region, credentials and endpoints in the environment. */
export async function wire(config: Config): Promise<BatchPorts> {
  const s3 = new S3Client({});
  return {
    source: s3ObjectSource(s3),
    staging: efsStaging(config.STAGING_ROOT),
    inspector: archiveInspector(),
    scanner: await clamdScanner(config.CLAMD_SOCKET),
    landing: efsLanding(config.LANDING_ROOT),
    quarantine: s3Quarantine(s3, config.QUARANTINE_BUCKET),
    notifier: allOf([
      snsNotifier(new SNSClient({}), config.NOTICES_TOPIC_ARN),
      eventBridgeNotifier(new EventBridgeClient({}), config.EVENT_BUS_NAME),
      powertoolsNotifier(),
    ]),
    settler: s3Settler(s3),
    queue: sqsWorkQueue(new SQSClient({}), {
      queue: config.INGEST_QUEUE_URL,
      deadLetter: config.DEAD_LETTER_QUEUE_URL,
    }),
    policy: {
      inboxBucket: config.INBOX_BUCKET,
      temporarySuffixes: config.TEMPORARY_SUFFIXES,
    },
    log: powertoolsLog(),
    now: Date.now,
  };
}

/** An ending counts as announced when everybody has it; a repetition reaches all of them again. */
function allOf(notifiers: readonly Notifier[]): Notifier {
  return {
    async announce(notice, signal) {
      await Promise.all(notifiers.map((notifier) => notifier.announce(notice, signal)));
    },
  };
}
