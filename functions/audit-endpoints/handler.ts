import { AccountClient } from '@aws-sdk/client-account';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { TransferClient } from '@aws-sdk/client-transfer';
import type { Context } from 'aws-lambda';
import { accountRegions } from '../../shared/audit/account-regions.ts';
import { auditEndpoints } from '../../shared/audit/audit-endpoints.ts';
import { digest } from '../../shared/audit/digest.ts';
import { putFindings } from '../../shared/audit/eventbridge-findings.ts';
import { measureFindings } from '../../shared/audit/powertools-measures.ts';
import { transferServers } from '../../shared/audit/transfer-servers.ts';
import { snsMailer } from '../../shared/platform/sns-mailer.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { Environment } from './config.ts';

/** Kept back for events and mail, even if the regions use up the rest. */
const REPORTING_MS = 20_000;

/** Far below Transfer's rate limits, which count per region. */
const REGIONS_AT_ONCE = 8;

/** A region usually takes a second or two; three tries with their pauses take less than this. */
const REGION_TIME_MS = 20_000;

// Once per cold start: read the environment, build the clients.
const config = parseEnvironment(Environment, process.env, 'audit-endpoints');
const log = powertoolsLog('audit-endpoints');
const regions = accountRegions(new AccountClient({}));
const events = new EventBridgeClient({});
const mailer = snsMailer(new SNSClient({}), config.OPERATIONS_TOPIC_ARN);

export type AuditResult = { readonly findingCount: number; readonly openCount: number };

/** Called by Lambda on a schedule; a repetition reports the same findings again. */
export async function handler(_event: unknown, context: Context): Promise<AuditResult> {
  const remainingMs = (): number => context.getRemainingTimeInMillis();
  const servers = transferServers((region) => new TransferClient({ region }), await regions.home());
  const findings = await auditEndpoints(
    { regions, servers, now: Date.now },
    {
      onlyRegions: config.AUDIT_REGIONS,
      concurrency: REGIONS_AT_ONCE,
      regionTimeMs: REGION_TIME_MS,
    },
    AbortSignal.timeout(Math.max(remainingMs() - REPORTING_MS, 0)),
  );
  for (const finding of findings) log.info('endpoint finding', { ...finding });
  measureFindings(findings);

  const signal = AbortSignal.timeout(Math.max(remainingMs() - 1_000, 0));
  const mail = digest(findings);
  // Each runs even if the other fails; any failure fails the invocation, which Lambda repeats.
  const results = await Promise.allSettled([
    putFindings(events, config.EVENT_BUS_NAME, findings, signal),
    ...(mail ? [mailer.send(mail, signal)] : []),
  ]);
  const failures = results.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  const openCount = findings.filter(({ severity }) => severity !== 'passed').length;
  return { findingCount: findings.length, openCount };
}
