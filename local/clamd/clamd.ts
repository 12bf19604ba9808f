import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Engine, type EngineOptions, startEngine } from '../../shared/engine/clamd-engine.ts';
import { EngineError } from '../../shared/engine/engine-error.ts';
import { errorCode } from '../../shared/platform/errors.ts';
import { StartError } from '../../shared/platform/start-error.ts';
import { socketPath } from './socket-path.ts';
import type { Signatures } from './signatures.ts';

export type ClamdOptions = Omit<EngineOptions, 'socket' | 'signatures' | 'abandonedAfterMs'> & {
  readonly signatures: Signatures;
  /** As in `EngineOptions`. Default: Lambda's maximum timeout. */
  readonly abandonedAfterMs?: number;
};

/** An `Engine` and its signatures. */
export interface Clamd extends Engine {
  readonly signatures: Signatures;
}

/** Lambda's maximum timeout. */
const LONGEST_INVOCATION_MS = 900_000;

/** @throws StartError when clamd is not installed or does not start, with its error output */
export async function startClamd(options: ClamdOptions): Promise<Clamd> {
  const { directory, signatures, abandonedAfterMs = LONGEST_INVOCATION_MS } = options;
  const socket = socketPath(directory);
  const engine = await startEngine({
    ...options,
    socket,
    signatures: signatures.directory,
    abandonedAfterMs,
  }).catch((error: unknown) => {
    throw error instanceof EngineError
      ? new StartError(messageFor(error), { cause: error })
      : error;
  });
  return {
    socket,
    signatures,
    version: engine.version,
    get pid() {
      return engine.pid;
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      if (dirname(socket) !== directory) await rm(dirname(socket), { recursive: true });
    },
  };
}

function messageFor({ message, cause }: EngineError): string {
  return errorCode(cause) === 'ENOENT'
    ? 'clamd is not installed; "npm start" installs it or says how.'
    : message;
}
