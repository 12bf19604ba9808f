import type { Notice } from './notice.ts';

/** Announces to subscribers how an upload ended. May be repeated: they drop ids they have seen. */
export interface Notifier {
  /** @throws IngestError `NOTICE_FAILED` */
  announce(notice: Notice, signal: AbortSignal): Promise<void>;
}
