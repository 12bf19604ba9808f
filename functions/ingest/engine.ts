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
 * and exchanges it when newer ones are published. Started by `image/entrypoint.sh`, once per
 * environment; it is frozen and woken together with the handler. Locally nobody starts it: there
 * clamd is the runtime's affair.
 */

/** Until there is an engine: every file waits for it. */
const RETRY_MS = 2_000;

/** Lambda starts a handler anew that has crashed, and an engine with it: two would be in each other's way. */
const LOOK_EVERY_MS = 1_000;

const config = parseEnvironment(EngineEnvironment, process.env, 'ingest (engine)');
const log = powertoolsLog();
const timeoutMs = config.TIMEOUT_S * 1000;
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stopping.abort());
setInterval(() => {
  if (!isAlive(config.HANDLER_PID)) stopping.abort();
}, LOOK_EVERY_MS).unref();

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
