import type { Finding } from '../../model/verdict.ts';

/** What the header of a mail, or of a part of one, says of its body. */
export type Header = {
  /** In lower case, `text/plain` where nothing is said. */
  readonly type: string;
  /** How the body is written: in lower case, empty where nothing is said. */
  readonly encoding: string;
  /** What separates the parts of a `multipart`. */
  readonly boundary: string | undefined;
  /** The name of an attached file, as it is written. */
  readonly name: string | undefined;
  /** Why programs may read it differently. */
  readonly unread: Finding | undefined;
};

/**
 * Reads a header as far as it decides what a mail program takes out.
 * https://www.rfc-editor.org/rfc/rfc2045
 *
 * @param text up to the empty line
 */
export function readHeader(text: string): Header {
  const lines = text.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const types = valuesOf(lines, 'content-type');
  const encodings = valuesOf(lines, 'content-transfer-encoding').map((it) =>
    withoutComments(it).trim().toLowerCase(),
  );
  const [type = ''] = types;
  const [disposition = ''] = valuesOf(lines, 'content-disposition');
  const kind = /^\s*([^\s;]+)/.exec(withoutComments(type))?.[1]?.toLowerCase() ?? 'text/plain';
  const boundary = parameter(type, 'boundary');
  const isAmbiguous = new Set(types).size > 1 || new Set(encodings).size > 1;
  const hasNoBoundary = kind.startsWith('multipart/') && !boundary;
  const detail = isAmbiguous ? 'a mail with two different headers' : 'a mail without a boundary';
  return {
    type: kind,
    encoding: encodings[0] ?? '',
    boundary,
    name: parameter(disposition, 'filename') ?? parameter(type, 'name'),
    unread: isAmbiguous || hasNoBoundary ? { reason: 'archive-structure', detail } : undefined,
  };
}

function valuesOf(lines: readonly string[], field: string): readonly string[] {
  const start = new RegExp(`^${field}[ \\t]*:`, 'i');
  return lines.filter((line) => start.test(line)).map((line) => line.replace(start, '').trim());
}

function withoutComments(value: string): string {
  return value.replaceAll(/\([^()]*\)/g, ' ');
}

function parameter(value: string, name: string): string | undefined {
  const found = new RegExp(
    `[;\\s]${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"?|([^\\s;]+))`,
    'i',
  ).exec(value);
  return found?.[1]?.replaceAll(/\\(.)/g, '$1') ?? found?.[2];
}
