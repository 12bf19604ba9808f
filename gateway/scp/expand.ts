import type { SessionContext } from '../session/context.ts';
import { failure } from '../protocol/status.ts';
import { resolvePath, startOf } from '../storage/paths.ts';
import { ANY, matches, ONE, type Glob } from './glob.ts';
import { textOf } from './shell-words.ts';

/** A shell would pass on about as many before its command line is too long. */
const MAX_MATCHES = 10_000;

/**
 * The paths that match a word with wildcards, segment by segment: `..` is resolved and what is reached in
 * several ways is looked into once, so that the work is bounded by what is there.
 *
 * @param signal stops the search when the client has gone
 * @throws SftpFailure when there are more than MAX_MATCHES
 */
export async function expand(
  context: SessionContext,
  word: Glob,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!hasWildcard(word)) return [textOf(word)];
  let found = new Set([word[0] === '/' ? '/' : startOf(context.namespace.homes)]);
  for (const segment of segmentsOf(word)) {
    const next = new Set<string>();
    for (const folder of found) {
      signal.throwIfAborted();
      if (hasWildcard(segment)) await addMatches(context, folder, segment, next, signal);
      else next.add(resolvePath(`${folder}/${textOf(segment)}`));
      if (next.size > MAX_MATCHES) {
        throw failure(`more than ${MAX_MATCHES} names match; ask for fewer at a time`);
      }
    }
    found = next;
  }
  return [...found];
}

function hasWildcard(pattern: Glob): boolean {
  return pattern.some((part) => part === ANY || part === ONE);
}

async function addMatches(
  { namespace }: SessionContext,
  folder: string,
  pattern: Glob,
  found: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  if ((await namespace.lookup(folder)).kind !== 'folder') return;
  for await (const { filename } of namespace.list(folder)) {
    signal.throwIfAborted();
    const isHidden = filename.startsWith('.') && pattern[0] !== '.';
    if (filename === '.' || filename === '..' || isHidden) continue;
    if (matches(pattern, filename)) found.add(resolvePath(`${folder}/${filename}`));
    if (found.size > MAX_MATCHES) return;
  }
}

function segmentsOf(word: Glob): Glob[] {
  const segments: Glob[number][][] = [[]];
  for (const part of word) {
    if (part === '/') segments.push([]);
    else segments.at(-1)?.push(part);
  }
  return segments.filter((segment) => segment.length > 0);
}
