import { escapeControlCharacters } from '../platform/control-characters.ts';
import type { Notice } from './notice.ts';

/** Upper bounds, exclusive, in bytes; beyond the last one it is `huge`. */
const SIZE_CLASSES = [
  ['empty', 1],
  ['small', 1_000_000],
  ['medium', 100_000_000],
  ['large', 1_000_000_000],
] as const;

/**
 * What subscribers can filter by, as SNS message attributes. A filter policy takes at most five
 * keys, so there are five. Absent ones have no value that SNS would accept.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 */
export function filterAttributes(notice: Notice): Readonly<Record<string, string>> {
  const { outcome, partner, object } = notice;
  const extension = object && extensionOf(object.key);
  const firstDirectory = object && firstDirectoryOf(object.key);
  return {
    outcome,
    ...(partner !== undefined && { partner: printable(partner) }),
    ...(object && { sizeClass: sizeClass(object.sizeBytes) }),
    ...(extension && { extension: printable(extension) }),
    ...(firstDirectory && { firstDirectory: printable(firstDirectory) }),
  };
}

function sizeClass(sizeBytes: number): string {
  return SIZE_CLASSES.find(([, below]) => sizeBytes < below)?.[0] ?? 'huge';
}

/** In lower case, without the dot; a name that only begins with a dot has none. */
function extensionOf(key: string): string | undefined {
  return /[^/]\.([^./]+)$/.exec(key)?.[1]?.toLowerCase();
}

function firstDirectoryOf(key: string): string | undefined {
  return /^([^/]+)\//.exec(key)?.[1];
}

/** SNS takes no control characters in an attribute. */
function printable(text: string): string {
  return escapeControlCharacters(text.toWellFormed());
}
