import { Logger } from '@aws-lambda-powertools/logger';
import type { Fields, Log } from './log.ts';

/**
 * A log in CloudWatch's own JSON, by Powertools: time, level, service, request and trace id are
 * Powertools' affair. `with` keeps its fields itself: a logger of Powertools' own takes longer than the lines.
 */
export function powertoolsLog(
  logger: Logger = new Logger({ serviceName: 'airlock' }),
  bound: Fields = {},
): Log {
  return {
    info: (event, fields = {}) => logger.info(event, { ...bound, ...fields }),
    warn: (event, fields = {}) => logger.warn(event, { ...bound, ...fields }),
    error: (event, cause, fields = {}) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      logger.error(event, { ...bound, ...fields, error });
    },
    with: (fields) => powertoolsLog(logger, { ...bound, ...fields }),
  };
}
