import { setTimeout as sleep } from 'node:timers/promises';
import { httpStatusOf } from '../../../shared/s3/errors.ts';

const ATTEMPT_COUNT = 3;
const FIRST_PAUSE_MS = 100;

/**
 * Sends a request again when S3 or the way to it failed. The SDK does so by itself only for bodies in
 * one piece; ours come in blocks, which are as good for a second time.
 *
 * @param send must be repeatable
 */
export async function withAttempts<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (attempt === ATTEMPT_COUNT || !isTransient(error)) throw error;
      signal.throwIfAborted();
      await sleep(FIRST_PAUSE_MS * 4 ** (attempt - 1), undefined, { signal });
    }
  }
}

/** What S3 refused once it refuses again; a checksum that did not match may have been the wire's fault. */
function isTransient(error: unknown): boolean {
  const status = httpStatusOf(error);
  if (status !== undefined && status >= 500) return true;
  if (!(error instanceof Error)) return false;
  if (error.name === 'BadDigest' || error.name === 'RequestTimeout') return true;
  return status === undefined && 'code' in error && NETWORK_CODES.has(String(error.code));
}

const NETWORK_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);
