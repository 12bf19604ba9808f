import { visibleJson } from './control-characters.ts';
import { describeError } from './errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** One JSON line per event. `event` is a fixed string; variable data goes into fields. */
export interface Log {
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, cause: unknown, fields?: Fields): void;
  /** A log that adds `fields` to each of its lines; this one is unchanged. */
  with(fields: Fields): Log;
}

/**
 * @param write takes one line without its line end
 * @param now epoch milliseconds
 */
export function createLog(
  write: (line: string) => void,
  now: () => number = Date.now,
  bound: Fields = {},
): Log {
  const emit = (level: string, event: string, fields: Fields): void => {
    const time = new Date(now()).toISOString();
    // A key can neither forge a log line nor hide in one.
    write(visibleJson({ time, level, event, ...bound, ...fields }, 0, readable));
  };
  return {
    info: (event, fields = {}) => emit('info', event, fields),
    warn: (event, fields = {}) => emit('warn', event, fields),
    error: (event, cause, fields = {}) =>
      emit('error', event, {
        ...fields,
        error: describeError(cause),
        stack: cause instanceof Error ? cause.stack : undefined,
      }),
    with: (fields) => createLog(write, now, { ...bound, ...fields }),
  };
}

/** An error has no enumerable properties, and would be `{}` in JSON. */
function readable(_name: string, value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value;
}
