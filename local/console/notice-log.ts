import { createWriteStream } from 'node:fs';
import * as v from 'valibot';
import { Notice } from '../../shared/notify/notice.ts';
import type { BusEvent } from '../events/bus-event.ts';
import { outcomeLine } from './outcome-line.ts';

/** Repetitions come soon after each other, so a few ids are enough to drop them by. */
const REMEMBERED_IDS = 10_000;

export interface NoticeLog extends AsyncDisposable {
  /** A listener for the event bus. */
  readonly onEvent: (event: BusEvent) => void;
}

/** Appends each notice to a file as a line of JSON, and tells people of each ending once. */
export function openNoticeLog(path: string, say: (line: string) => void): NoticeLog {
  const file = createWriteStream(path, { flags: 'a' });
  const seen = new Set<string>();
  return {
    onEvent(event) {
      if (event.source !== 'airlock') return;
      file.write(`${JSON.stringify(event.detail)}\n`);
      const { success, output: notice } = v.safeParse(Notice, event.detail);
      if (!success) return;
      const { id } = notice;
      if (seen.has(id)) return;
      seen.add(id);
      const [oldest] = seen;
      if (seen.size > REMEMBERED_IDS && oldest !== undefined) seen.delete(oldest);
      say(outcomeLine(notice));
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => file.end(resolve));
    },
  };
}
