import { Logger } from '@aws-lambda-powertools/logger';
import { showInvisibleInLines } from './control-characters.ts';
import type { Fields, Log } from './log.ts';

/**
 * Logs CloudWatch JSON through Powertools, which adds time, level, service, request and trace id.
 * `with` keeps its fields itself: creating a child logger takes longer than writing the lines.
 *
 * @param service the function's name, as its metrics have it, too
 */
export function powertoolsLog(service: string): Log {
  return logThrough(new Logger({ serviceName: service, jsonReplacerFn: visible }), {});
}

function logThrough(logger: Logger, bound: Fields): Log {
  return {
    info: (event, fields = {}) => logger.info(event, { ...bound, ...fields }),
    warn: (event, fields = {}) => logger.warn(event, { ...bound, ...fields }),
    error: (event, cause, fields = {}) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      logger.error(event, { ...bound, ...fields, error });
    },
    with: (fields) => logThrough(logger, { ...bound, ...fields }),
  };
}

/** A key can neither forge a log line nor hide in one. Line feeds are for stack traces; JSON escapes them. */
function visible(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? showInvisibleInLines(value) : value;
}
