import { Logger } from '@aws-lambda-powertools/logger';
import type { Fields, Log } from './log.ts';

/**
 * Logs CloudWatch JSON through Powertools, which adds time, level, service, request and trace id.
 * `with` keeps its fields itself: creating a child logger takes longer than writing the lines.
 *
 * @param service the function's name, as its metrics have it, too
 */
export function powertoolsLog(service: string): Log {
  return logThrough(new Logger({ serviceName: service }), {});
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
