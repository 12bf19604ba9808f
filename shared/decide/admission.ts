import type { Arrival } from '../model/arrival.ts';
import type { IngestErrorCode } from '../model/ingest-error.ts';
import type { PartnerPolicy } from '../model/partner-policy.ts';
import { hasControlCharacters } from '../platform/control-characters.ts';

/** Linux NAME_MAX; EFS has the same limit. https://docs.aws.amazon.com/efs/latest/ug/limits.html */
const MAX_SEGMENT_BYTES = 255;

export type AdmissionPolicy = {
  /** Events of any other bucket are refused. */
  readonly inboxBucket: string;
  /** Endings, lower case, that SFTP clients give a file while it is still being written. */
  readonly temporarySuffixes: readonly string[];
};

export type Admission =
  | { readonly kind: 'file'; readonly landingPath: string }
  | { readonly kind: 'folder'; readonly landingPath: string }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly code: IngestErrorCode; readonly reason: string };

/** Decides from the event alone whether, and as what, an arrival is admitted. */
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

export type PolicyAdmission =
  | { readonly kind: 'admit' }
  /** The reason is for people. */
  | { readonly kind: 'refuse'; readonly reason: string };

/** Whether the partner's policy admits such a file, by the ending of its name and its size. */
export function admitByPolicy(
  policy: PartnerPolicy,
  key: string,
  sizeBytes: number,
): PolicyAdmission {
  const { maxSizeBytes, allowedExtensions, refusedExtensions = [] } = policy;
  const name = key.toLowerCase();
  const hasEnding = (ending: string): boolean => name.endsWith(ending);
  const refused = refusedExtensions.find(hasEnding);
  if (refused !== undefined)
    return refuseFile(`the partner's policy refuses files that end in ${refused}`);
  if (allowedExtensions !== undefined && !allowedExtensions.some(hasEnding)) {
    return refuseFile(
      `the partner's policy admits only files that end in ${allowedExtensions.join(', ')}`,
    );
  }
  if (maxSizeBytes !== undefined && sizeBytes > maxSizeBytes) {
    return refuseFile(`${sizeBytes} bytes; the partner's policy admits at most ${maxSizeBytes}`);
  }
  return { kind: 'admit' };
}

export type LandingPath =
  | {
      /** Relative to the landing root, byte for byte the key; a folder keeps its final slash. */
      readonly path: string;
      readonly folder: boolean;
    }
  | { readonly unsafe: string };

/**
 * Where a key lands. The path is the key itself, or the key is refused: nothing is renamed,
 * decoded or normalised, so two different keys never share a file, and no accepted key leads
 * outside the landing root.
 */
export function landingPathOf(key: string): LandingPath {
  const folder = key.endsWith('/');
  const segments = (folder ? key.slice(0, -1) : key).split('/');
  const unsafe = unsafeKey(key) ?? segments.map(unsafeSegment).find((why) => why !== undefined);
  return unsafe === undefined ? { path: key, folder } : { unsafe };
}

function unsafeKey(key: string): string | undefined {
  if (hasControlCharacters(key)) return 'the key has a control character';
  if (!key.isWellFormed()) return 'the key is not valid Unicode';
  if (key.startsWith('/')) return 'the key starts with a slash';
  return undefined;
}

function unsafeSegment(segment: string): string | undefined {
  if (segment === '') return 'the key has an empty path segment';
  if (segment === '.' || segment === '..') return `the key has a "${segment}" path segment`;
  const bytes = Buffer.byteLength(segment);
  return bytes > MAX_SEGMENT_BYTES
    ? `a path segment is ${bytes} bytes long, the file system takes ${MAX_SEGMENT_BYTES}`
    : undefined;
}

function refuse(code: IngestErrorCode, reason: string): Admission {
  return { kind: 'refuse', code, reason };
}

function refuseFile(reason: string): PolicyAdmission {
  return { kind: 'refuse', reason };
}
