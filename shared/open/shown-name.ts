import { escapeControlCharacters } from '../platform/control-characters.ts';

const MAX_CHARACTERS = 200;

/** A member's name as it may be shown to people: on one line, and not for ever. */
export function shownName(name: string): string {
  const line = escapeControlCharacters(name.toWellFormed());
  if (line.length <= MAX_CHARACTERS) return line;
  return `${line.slice(0, MAX_CHARACTERS).toWellFormed()}...`;
}
