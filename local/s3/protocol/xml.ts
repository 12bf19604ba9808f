import { XMLParser } from 'fast-xml-parser';
import * as v from 'valibot';
import { S3Error } from './errors.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An element with text; empty when there is no value. */
export function leaf(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? '' : `<${name}>${escapeText(String(value))}</${name}>`;
}

/** An element with child elements, given as XML. */
export function branch(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** A reply document in S3's namespace. */
export function xmlDocument(name: string, ...children: readonly string[]): string {
  return `${PROLOG}<${name} xmlns="${NAMESPACE}">${children.join('')}</${name}>`;
}

/** Error documents have no namespace. */
export function errorDocument(...children: readonly string[]): string {
  return PROLOG + branch('Error', ...children);
}

const NAMED = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
// XML 1.0 forbids these characters, but S3 sends them as references.
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[&<>"\u0000-\u0008\u000b-\u001f\u007f\ufffe\uffff]/g;

/** As S3 does: characters that XML 1.0 forbids become numeric references (`&#x1;`). */
function escapeText(text: string): string {
  return text.replace(
    ESCAPED,
    (char) => NAMED.get(char) ?? `&#x${char.charCodeAt(0).toString(16)};`,
  );
}

const ENTITY = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeText(text: string): string {
  return text.replace(ENTITY, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

// Entities are decoded here, since the parser's limit of expansions is far below 10,000 quoted ETags.
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  trimValues: false,
  tagValueProcessor: (_name, value) => unescapeText(value),
  isArray: (name) => name === 'Object' || name === 'Part' || name === 'Tag',
});

/**
 * Parses a request document; repeated elements (Object, Part, Tag) are always arrays.
 *
 * @throws S3Error MalformedXML when the text is not XML or does not match the schema
 */
export function parseXml<const Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, toTree(text));
  if (!parsed.success) throw malformed(v.summarize(parsed.issues));
  return parsed.output;
}

function toTree(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) throw malformed('a document type is not allowed');
  try {
    return parser.parse(text, true);
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause: unknown): S3Error {
  return new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    { cause },
  );
}
