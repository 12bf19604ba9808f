import { StartError } from '../start-error.ts';

/** What `Ref` and `Fn::GetAtt` of one resource give. */
export type Physical = {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** Everything a template's intrinsic functions can speak of. */
export type Scope = {
  /** Parameters and pseudo parameters (`AWS::Region` ...). */
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly resources: Readonly<Record<string, Physical>>;
};

/**
 * Replaces the intrinsic functions in `value`, however deep.
 *
 * @param where names the place in the template, for errors
 * @throws StartError for a function that the local runtime does not know, or a name that the
 *   template does not have
 */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope, where));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    return call(only[0], only[1], scope, where);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(item, scope, `${where}.${key}`)]),
  );
}

function call(name: string, operand: unknown, scope: Scope, where: string): unknown {
  switch (name) {
    case 'Ref':
      return lookUp(String(operand), scope, where);
    case 'Fn::GetAtt':
      return lookUp(Array.isArray(operand) ? operand.join('.') : String(operand), scope, where);
    case 'Fn::Sub':
      return substitute(operand, scope, where);
    case 'Fn::Join': {
      const [separator, parts] = Array.isArray(operand) ? operand : [];
      const resolved = resolve(parts, scope, where);
      return Array.isArray(resolved) ? resolved.join(String(separator)) : undefined;
    }
    default:
      throw new StartError(`${where} uses ${name}, which the local runtime does not know.`);
  }
}

/** `Name` is a parameter or a resource's Ref, `Name.Attribute` a resource's attribute. */
function lookUp(name: string, scope: Scope, where: string): string | number {
  const [logicalId = '', attribute] = name.split(/\.(.*)/s);
  const resource = scope.resources[logicalId];
  const found =
    attribute === undefined
      ? (scope.parameters[name] ?? resource?.ref)
      : resource?.attributes[attribute];
  if (found !== undefined) return found;
  throw new StartError(`${where} refers to ${name}, which the local runtime does not know.`);
}

function substitute(operand: unknown, scope: Scope, where: string): string {
  const [text, own]: unknown[] = Array.isArray(operand) ? operand : [operand];
  const variables = new Map(
    Object.entries(own ?? {}).map(([name, value]) => [name, String(resolve(value, scope, where))]),
  );
  return String(text).replaceAll(/\$\{(!?)([^}]*)\}/g, (_match, literal: string, name: string) =>
    literal ? `\${${name}}` : `${variables.get(name) ?? lookUp(name, scope, where)}`,
  );
}
