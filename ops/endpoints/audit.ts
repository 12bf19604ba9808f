import { AccountClient } from '@aws-sdk/client-account';
import { TransferClient } from '@aws-sdk/client-transfer';
import { accountRegions } from '../../shared/audit/account-regions.ts';
import { auditEndpoints } from '../../shared/audit/audit-endpoints.ts';
import type { Finding } from '../../shared/audit/finding.ts';
import { transferServers } from '../../shared/audit/transfer-servers.ts';
import { EXIT } from '../ops-error.ts';
import type { Output } from '../output.ts';
import { regionOf } from './account.ts';

const REGIONS_AT_ONCE = 8;
const REGION_TIME_MS = 30_000;
const AUDIT_TIME_MS = 300_000;

/** Looks at all servers and prints what it found. The exit code is `no` when a person has to look. */
export async function audit(onlyRegions: readonly string[], out: Output): Promise<void> {
  const account = new AccountClient({});
  try {
    const regions = accountRegions(account);
    const home = await regionOf(account);
    const servers = transferServers((region) => new TransferClient({ region }), home);
    const findings = await auditEndpoints(
      { regions, servers, now: Date.now },
      { onlyRegions, concurrency: REGIONS_AT_ONCE, regionTimeMs: REGION_TIME_MS },
      AbortSignal.timeout(AUDIT_TIME_MS),
    );
    out.show(findings, () => words(findings));
    if (findings.some(({ severity }) => severity !== 'passed')) process.exitCode = EXIT.no;
  } finally {
    account.destroy();
  }
}

function words(findings: readonly Finding[]): string {
  const told = findings.filter(({ code }) => code !== 'REGION_WITHOUT_TRANSFER');
  const openCount = told.filter(({ severity }) => severity !== 'passed').length;
  return [
    ...told.map(({ severity, what, why, advice }) =>
      severity === 'passed'
        ? `PASSED  ${what}`
        : `${severity.toUpperCase()}  ${what}\n        ${why}\n        What to do: ${advice}`,
    ),
    openCount === 0
      ? `Nothing to do: no Transfer server is open to the internet (${told.length} looked at).`
      : `${openCount} to look at, ${told.length - openCount} passed.`,
  ].join('\n');
}
