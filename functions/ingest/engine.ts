import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { clamdService } from '../../shared/engine/clamd-service.ts';
import { longestScanMs } from '../../shared/engine/scan-time.ts';
import { followSignatures } from '../../shared/signatures/follow-signatures.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { s3SignatureStore } from '../../shared/signatures/s3-signature-store.ts';
import { EngineEnvironment } from './engine-config.ts';

/**
 * The process beside the handler: fetches the signatures that are in force, runs clamd on them,
 * and replaces it when newer ones are published. Started by `image/entrypoint.sh`, once per
 * environment; Lambda freezes and thaws it together with the handler. Not used locally, where the
 * runtime runs clamd.
 */

/** Short: until there is an engine, every file waits for it. */
const RETRY_MS = 2_000;

/** Lambda restarts a crashed handler together with a new engine, so the old engine must stop. */
const CHECK_HANDLER_EVERY_MS = 1_000;

const config = parseEnvironment(EngineEnvironment, process.env, 'ingest (engine)');
const log = powertoolsLog('ingest');
const timeoutMs = config.TIMEOUT_S * 1000;
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stopping.abort());
setInterval(() => {
  if (!isAlive(config.HANDLER_PID)) stopping.abort();
}, CHECK_HANDLER_EVERY_MS).unref();

await using service = await clamdService({
  root: join(tmpdir(), 'airlock-engine'),
  socket: config.CLAMD_SOCKET,
  maxScanTimeMs: longestScanMs(timeoutMs),
  abandonedAfterMs: timeoutMs,
  onRestart: (why) => log.warn('clamd is started again', { why }),
});
await followSignatures(
  { store: s3SignatureStore(new S3Client({}), config.SIGNATURE_BUCKET), service, log },
  { checkEveryMs: config.SIGNATURES_CHECK_EVERY_S * 1000, retryMs: RETRY_MS },
  stopping.signal,
);

function isAlive(pid: number | undefined): boolean {
  try {
    return pid === undefined || process.kill(pid, 0);
  } catch {
    return false;
  }
}
