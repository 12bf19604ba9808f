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

/** Audits all servers and prints the findings. The exit code is `no` if one needs action. */
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
    out.show(findings, () => formatFindings(findings));
    if (findings.some(({ severity }) => severity !== 'passed')) process.exitCode = EXIT.no;
  } finally {
    account.destroy();
  }
}

function formatFindings(findings: readonly Finding[]): string {
  const shown = findings.filter(({ code }) => code !== 'REGION_WITHOUT_TRANSFER');
  const openCount = shown.filter(({ severity }) => severity !== 'passed').length;
  return [
    ...shown.map(({ severity, what, why, advice }) =>
      severity === 'passed'
        ? `PASSED  ${what}`
        : `${severity.toUpperCase()}  ${what}\n        ${why}\n        What to do: ${advice}`,
    ),
    openCount === 0
      ? `Nothing to do: no Transfer server is open to the internet (${shown.length} checked).`
      : `${openCount} to fix, ${shown.length - openCount} passed.`,
  ].join('\n');
}
