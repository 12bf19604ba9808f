import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { parseDocument, type CollectionTag, type ScalarTag } from 'yaml';
import { describeError } from '../../shared/platform/errors.ts';
import { StartError } from '../../shared/platform/start-error.ts';

const Resource = v.object({
  Type: v.string(),
  /** The resource exists only when this condition is true. */
  Condition: v.optional(v.string()),
  Properties: v.optional(v.record(v.string(), v.unknown()), {}),
  Metadata: v.optional(
    v.object({
      BuildProperties: v.optional(v.object({ EntryPoints: v.optional(v.tuple([v.string()])) })),
    }),
  ),
});

const Template = v.object({
  Parameters: v.optional(
    v.record(
      v.string(),
      v.object({
        Type: v.optional(v.string(), 'String'),
        Default: v.optional(v.union([v.string(), v.number()])),
      }),
    ),
    {},
  ),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Globals: v.optional(
    v.object({ Function: v.optional(v.record(v.string(), v.unknown()), {}) }),
    {},
  ),
  Resources: v.record(v.string(), Resource),
});

/** A SAM template as written; intrinsic functions are objects in their long form, `{ Ref: ... }`. */
export type Template = v.InferOutput<typeof Template>;

/** @throws StartError with one sentence that says where the file is invalid */
export async function readTemplate(path: string): Promise<Template> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new StartError(`The template cannot be read: ${describeError(cause)}.`, { cause });
  }
  return parseTemplate(text, path);
}

/** @param name of the file, for errors. @throws StartError as `readTemplate` */
export function parseTemplate(text: string, name: string): Template {
  const parsed = v.safeParse(Template, parseYaml(text, name));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'its top level';
  throw new StartError(`${name} is not a SAM template: ${where}: ${issue.message}.`);
}

/** A template with its functions in their long form. @throws StartError as `readTemplate` */
export function parseYaml(text: string, name: string): unknown {
  const document = parseDocument(text, { customTags: SHORT_FORMS });
  // The parser only warns of an unknown tag, but here it would be a function that is not evaluated.
  const [error] = [...document.errors, ...document.warnings];
  if (error === undefined) return document.toJS();
  const [where] = error.message.split('\n');
  throw new StartError(`${name} is not valid YAML: ${where}`);
}

/** Converts CloudFormation's short forms to the long ones, the only ones that `resolve` handles. */
const SHORT_FORMS = [
  'Ref',
  'GetAtt',
  'Sub',
  'Join',
  'If',
  'Equals',
  'Not',
  'And',
  'Or',
  'Condition',
  'Select',
  'Split',
  'FindInMap',
  'ImportValue',
  'Base64',
  'Cidr',
  'GetAZs',
].flatMap(shortForm);

function shortForm(name: string): (ScalarTag | CollectionTag)[] {
  const tag = `!${name}`;
  const long = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  return [
    {
      tag,
      resolve: (text) => ({
        [long]: name === 'GetAtt' ? text.split(/\.(.*)/s).slice(0, 2) : text,
      }),
    },
    { tag, collection: 'seq', resolve: (seq) => ({ [long]: seq.toJSON() }) },
    { tag, collection: 'map', resolve: (map) => ({ [long]: map.toJSON() }) },
  ];
}
