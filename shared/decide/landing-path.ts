import { hasControlCharacters } from '../platform/control-characters.ts';

/** Linux NAME_MAX; EFS has the same limit. https://docs.aws.amazon.com/efs/latest/ug/limits.html */
const MAX_SEGMENT_BYTES = 255;

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
