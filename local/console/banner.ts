import { dirname, resolve } from 'node:path';
import type { Runtime } from '../runtime.ts';
import type { RuntimeInfo } from '../runtime-info.ts';

/** Printed once everything runs. */
export function banner({ info, resumedCount }: Runtime, noticesFile: string): string {
  const { sftp, landingRoot, endpoints, buckets, region } = info;
  return `
Airlock is running.

  Try           sftp -i ${sftp.privateKeyPath} -P ${sftp.port} ${sftp.username}@${sftp.host}
                password: ${sftp.password}
  Landing       ${landingRoot}
  Notices       tail -f ${noticesFile}
  Dead letters  npm run ops -- ${homeOption(info)}dead-letters list
  S3            aws --endpoint-url ${endpoints.s3} --region ${region} s3 ls s3://${buckets.inbox}/ --recursive
                (AWS_ACCESS_KEY_ID=airlock AWS_SECRET_ACCESS_KEY=airlock; quarantine: s3://${buckets.quarantine}/)
  Scanner       ${scannerLine(info)}
  Logs          ${info.logs}
  Stop          Ctrl-C
${resumedCount > 0 ? `\n${resumedCount} unsettled file(s) of an earlier run are being ingested.\n` : ''}`;
}

/** The option that the operator's CLI needs unless the state directory is the default. */
function homeOption({ logs }: RuntimeInfo): string {
  const home = dirname(logs);
  return home === resolve('.airlock') ? '' : `--home ${home} `;
}

function scannerLine({ clamd }: RuntimeInfo): string {
  const { source, directory, builtAt } = clamd.signatures;
  const [engine] = clamd.version.split('/');
  if (source === 'test') {
    return `${engine} with TEST SIGNATURES ONLY (EICAR and a test phrase), not a ClamAV
                database: real malware passes. Run freshclam and start again for real protection.`;
  }
  return `${engine}, signatures ${directory} (${ageOf(builtAt)})`;
}

function ageOf(builtAt: string | null): string {
  if (builtAt === null) return 'age unknown';
  const days = Math.floor((Date.now() - Date.parse(builtAt)) / 86_400_000);
  const age = days === 0 ? 'from today' : `${days} day(s) old`;
  return days > 7 ? `${age}: RUN freshclam` : age;
}
