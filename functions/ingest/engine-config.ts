import * as v from 'valibot';
import { positive, text } from '../../shared/platform/environment.ts';

/**
 * What the engine's process reads of the ingest function's environment. On Lambda it shares it with
 * the handler; the local runtime runs the handler alone.
 */
export const EngineEnvironment = v.object({
  /** Where `refresh-signatures` publishes. */
  SIGNATURE_BUCKET: text,
  /** Where the handler finds clamd. */
  CLAMD_SOCKET: text,
  /** Seconds after which a scan's answer is no longer needed: the function's timeout. */
  TIMEOUT_S: positive,
  /** Seconds between two checks of the bucket for newer signatures. */
  SIGNATURES_CHECK_EVERY_S: positive,
  /** The handler's process. Set by the image's entrypoint. */
  HANDLER_PID: v.optional(positive),
});
