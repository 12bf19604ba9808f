import * as v from 'valibot';
import { Notice } from '../../shared/notify/notice.ts';
import { visibleJson } from '../../shared/platform/control-characters.ts';
import type { BusEvent } from '../events/bus-event.ts';
import { openLogFile } from '../log-file.ts';
import { outcomeLine } from './outcome-line.ts';

/** Repeated notices come soon after each other, so a few ids are enough to filter them. */
const MAX_SEEN_IDS = 10_000;

export interface NoticeLog extends AsyncDisposable {
  /** A listener for the event bus. */
  readonly onEvent: (event: BusEvent) => void;
}

/**
 * Appends each notice to a file as a line of JSON, and prints each outcome once.
 *
 * @param warn called when the file cannot be written, and when it can again
 */
export async function openNoticeLog(
  path: string,
  print: (line: string) => void,
  warn: (what: string) => void,
): Promise<NoticeLog> {
  const file = await openLogFile({ path, onTrouble: warn });
  const seen = new Set<string>();
  return {
    onEvent(event) {
      const { success, output: notice } = v.safeParse(Notice, event.detail);
      // Airlock's other events are no notices: an operator's acts, findings of the audit.
      if (event.source !== 'airlock' || !success) return;
      file.write(visibleJson(event.detail));
      const { id } = notice;
      if (seen.has(id)) return;
      seen.add(id);
      const [oldest] = seen;
      if (seen.size > MAX_SEEN_IDS && oldest !== undefined) seen.delete(oldest);
      print(outcomeLine(notice));
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
