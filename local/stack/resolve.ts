import { StartError } from '../../shared/platform/start-error.ts';
import { cidrRanges } from './cidr.ts';

/** The values of `Ref` and `Fn::GetAtt` for one resource. */
export type Physical = {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
};

type ParameterValue = string | number | readonly string[];

/** Everything that a template's intrinsic functions can refer to. */
export type Scope = {
  /** Parameters and pseudo parameters (`AWS::Region` ...). */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly resources: Readonly<Record<string, Physical>>;
  readonly conditions: Readonly<Record<string, boolean>>;
};

/** The value of `!Ref AWS::NoValue`: the property or list item is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Replaces the intrinsic functions in `value`, however deep.
 *
 * @param where names the place in the template, for errors
 * @throws StartError for a function that the local runtime does not support, or an undefined name
 */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope, where)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    return call(only[0], only[1], scope, where);
  }
  return Object.fromEntries(
    entries
      .map(([key, item]) => [key, resolve(item, scope, `${where}.${key}`)] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
}

function call(name: string, operand: unknown, scope: Scope, where: string): unknown {
  switch (name) {
    case 'Ref':
      return operand === 'AWS::NoValue' ? NO_VALUE : lookUp(String(operand), scope, where);
    case 'Fn::GetAtt':
      return lookUp(Array.isArray(operand) ? operand.join('.') : String(operand), scope, where);
    case 'Fn::Sub':
      return substitute(operand, scope, where);
    case 'Fn::If': {
      const [condition, yes, no] = operands(operand, 3, name, where);
      // Only the branch taken: the other may refer to resources that do not exist.
      const holds = scope.conditions[String(condition)];
      if (holds === undefined) throw unknownCondition(String(condition), where);
      return resolve(holds ? yes : no, scope, where);
    }
    case 'Fn::Join': {
      const [separator, parts] = operands(operand, 2, name, where);
      return listOf(parts, scope, name, where).join(String(separator));
    }
    case 'Fn::Split': {
      const [separator, text] = operands(operand, 2, name, where);
      return String(resolve(text, scope, where)).split(String(separator));
    }
    case 'Fn::Select': {
      const [index, items] = operands(operand, 2, name, where);
      const found = listOf(items, scope, name, where)[Number(resolve(index, scope, where))];
      if (found !== undefined) return found;
      throw new StartError(`${where} selects an item outside its list.`);
    }
    case 'Fn::Cidr': {
      const [block, count, bits] = operands(operand, 3, name, where);
      return cidrRanges(String(resolve(block, scope, where)), Number(count), Number(bits));
    }
    case 'Fn::GetAZs':
      return ['a', 'b', 'c'].map((zone) => `${String(scope.parameters['AWS::Region'])}${zone}`);
    default:
      throw new StartError(`${where} uses ${name}, which the local runtime does not support.`);
  }
}

export function unknownCondition(name: string, where: string): StartError {
  return new StartError(`${where} refers to the condition ${name}, which is not defined.`);
}

function operands(operand: unknown, count: number, name: string, where: string): unknown[] {
  if (Array.isArray(operand) && operand.length === count) return operand;
  throw new StartError(`${where} needs ${count} operands for ${name}.`);
}

function listOf(value: unknown, scope: Scope, name: string, where: string): readonly unknown[] {
  const resolved = resolve(value, scope, where);
  if (Array.isArray(resolved)) return resolved;
  throw new StartError(`${where} needs a list for ${name}.`);
}

/** `Name` is a parameter or a resource's Ref, `Name.Attribute` a resource's attribute. */
function lookUp(name: string, scope: Scope, where: string): ParameterValue {
  const [logicalId = '', attribute] = name.split(/\.(.*)/s);
  const resource = scope.resources[logicalId];
  const found =
    attribute === undefined
      ? (scope.parameters[name] ?? resource?.ref)
      : resource?.attributes[attribute];
  if (found !== undefined) return found;
  throw new StartError(`${where} refers to ${name}, which the local runtime does not support.`);
}

function substitute(operand: unknown, scope: Scope, where: string): string {
  const [text, own]: unknown[] = Array.isArray(operand) ? operand : [operand];
  const variables = new Map(
    Object.entries(own ?? {}).map(([name, value]) => [name, String(resolve(value, scope, where))]),
  );
  return String(text).replaceAll(/\$\{(!?)([^}]*)\}/g, (_match, literal: string, name: string) =>
    literal ? `\${${name}}` : String(variables.get(name) ?? lookUp(name, scope, where)),
  );
}
