import type { Arrival } from '../model/arrival.ts';
import type { IngestErrorCode } from '../model/ingest-error.ts';
import { landingPathOf } from './landing-path.ts';

export type AdmissionPolicy = {
  /** The only bucket whose events are ours. */
  readonly inboxBucket: string;
  /** Endings, lower case, that SFTP clients give a file while it is still being written. */
  readonly temporarySuffixes: readonly string[];
};

export type Admission =
  | { readonly kind: 'file'; readonly landingPath: string }
  | { readonly kind: 'folder'; readonly landingPath: string }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly code: IngestErrorCode; readonly reason: string };

/** Decides from the event alone whether, and as what, an arrival may come in. */
export function admit(arrival: Arrival, policy: AdmissionPolicy): Admission {
  if (arrival.bucket !== policy.inboxBucket) {
    return refuse(
      'EVENT_FOREIGN',
      `the event is about the bucket ${arrival.bucket}, not the inbox`,
    );
  }
  const landing = landingPathOf(arrival.key);
  if ('unsafe' in landing) return refuse('KEY_UNSAFE', landing.unsafe);
  if (landing.folder) {
    return arrival.sizeBytes === 0
      ? { kind: 'folder', landingPath: landing.path }
      : refuse('KEY_UNSAFE', 'the key names a folder but the object has content');
  }
  const suffix = policy.temporarySuffixes.find((it) => arrival.key.toLowerCase().endsWith(it));
  if (suffix !== undefined) {
    return { kind: 'skip', reason: `"${suffix}" marks an upload that is still being written` };
  }
  return { kind: 'file', landingPath: landing.path };
}

function refuse(code: IngestErrorCode, reason: string): Admission {
  return { kind: 'refuse', code, reason };
}
