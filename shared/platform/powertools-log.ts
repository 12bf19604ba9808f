import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './log.ts';

/**
 * A log in CloudWatch's own JSON, by Powertools: time, level, service, request and trace id are
 * Powertools' affair. Concurrent objects share nothing: `with` gives each a logger of its own.
 */
export function powertoolsLog(logger: Logger = new Logger({ serviceName: 'airlock' })): Log {
  return {
    info: (event, fields = {}) => logger.info(event, { ...fields }),
    warn: (event, fields = {}) => logger.warn(event, { ...fields }),
    error: (event, cause, fields = {}) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      logger.error(event, { ...fields, error });
    },
    with: (fields) => powertoolsLog(logger.createChild({ persistentLogAttributes: { ...fields } })),
  };
}
