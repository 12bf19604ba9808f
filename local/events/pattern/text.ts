import { InvalidEventPattern } from './invalid-event-pattern.ts';
import { isObject, type LeafTest } from './json.ts';

/** `{ "prefix": "a" }` or `{ "prefix": { "equals-ignore-case": "a" } }`; strings only. */
export function prefix(operand: unknown, at: string): LeafTest {
  return affix('prefix', operand, at, (text, part) => text.startsWith(part));
}

/** `{ "suffix": ".png" }` or `{ "suffix": { "equals-ignore-case": ".png" } }`; strings only. */
export function suffix(operand: unknown, at: string): LeafTest {
  return affix('suffix', operand, at, (text, part) => text.endsWith(part));
}

/** `{ "equals-ignore-case": "alice" }`; strings only. */
export function equalsIgnoreCase(operand: unknown, at: string): LeafTest {
  const folded = fold(requireString('equals-ignore-case', operand, at));
  return (leaf) => typeof leaf === 'string' && fold(leaf) === folded;
}

function affix(
  name: string,
  operand: unknown,
  at: string,
  holds: (text: string, part: string) => boolean,
): LeafTest {
  if (!isObject(operand)) {
    const part = requireString(name, operand, at);
    return (leaf) => typeof leaf === 'string' && holds(leaf, part);
  }
  const [inner, ...others] = Object.keys(operand);
  if (inner !== 'equals-ignore-case') {
    throw new InvalidEventPattern(`Unsupported ${name} pattern: ${inner ?? 'nothing'}`, at);
  }
  if (others.length > 0) {
    throw new InvalidEventPattern('Only one key allowed in match expression', at);
  }
  const folded = fold(requireString(inner, operand[inner], at));
  return (leaf) => typeof leaf === 'string' && holds(fold(leaf), folded);
}

function requireString(name: string, operand: unknown, at: string): string {
  if (typeof operand === 'string') return operand;
  throw new InvalidEventPattern(`${name} match pattern must be a string`, at);
}

function fold(text: string): string {
  return text.toLowerCase();
}
