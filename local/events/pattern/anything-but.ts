import { InvalidEventPattern } from './invalid-event-pattern.ts';
import { isObject, type Leaf, type LeafTest } from './json.ts';
import { comparable, comparableOperand } from './numeric.ts';
import { equalsIgnoreCase, prefix, suffix } from './text.ts';
import { wildcard } from './wildcard.ts';

/**
 * `{ "anything-but": ... }`: a string, a number, a list of one of the two, or one nested operator
 * with one string or a list. It matches any leaf that is *present* and is none of them, whatever its
 * type, so 5 is anything but "a". In an array one matching element is enough.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-anything-but
 */
export function anythingBut(operand: unknown, at: string): LeafTest {
  const excluded = isObject(operand) ? nested(operand, at) : values(operand, at);
  return (leaf) => !excluded.some((test) => test(leaf));
}

const NESTED: ReadonlyMap<string, (operand: unknown, at: string) => LeafTest> = new Map([
  ['prefix', nonEmpty(prefix)],
  ['suffix', nonEmpty(suffix)],
  ['equals-ignore-case', textOnly(equalsIgnoreCase)],
  ['wildcard', wildcard],
]);

function nested(operand: Readonly<Record<string, unknown>>, at: string): LeafTest[] {
  const [[name, argument] = ['nothing', undefined], ...others] = Object.entries(operand);
  const operator = NESTED.get(name);
  if (operator === undefined) {
    throw new InvalidEventPattern(`Unsupported anything-but pattern: ${name}`, at);
  }
  if (others.length > 0) {
    throw new InvalidEventPattern('Only one key allowed in match expression', at);
  }
  return listOf(argument, at).map((text) => operator(text, at));
}

function values(operand: unknown, at: string): LeafTest[] {
  const list = listOf(operand, at);
  if (list.every((value) => typeof value === 'string')) {
    return list.map((text) => (leaf: Leaf) => leaf === text);
  }
  if (list.every((value) => typeof value === 'number')) {
    return list.map((value) => {
      const units = comparableOperand(value, at);
      return (leaf: Leaf) => comparable(leaf) === units;
    });
  }
  throw new InvalidEventPattern(
    'Value of anything-but must be a string, a number, or a list of only strings or only numbers',
    at,
  );
}

function listOf(operand: unknown, at: string): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw new InvalidEventPattern('Empty arrays are not allowed', at);
  return list;
}

function nonEmpty(operator: (operand: unknown, at: string) => LeafTest) {
  return textOnly((operand, at) => {
    if (operand === '') throw new InvalidEventPattern('Null prefix/suffix not allowed', at);
    return operator(operand, at);
  });
}

// Inside anything-but, prefix and suffix take text only, not another operator.
function textOnly(operator: (operand: unknown, at: string) => LeafTest) {
  return (operand: unknown, at: string): LeafTest => {
    if (typeof operand === 'string') return operator(operand, at);
    throw new InvalidEventPattern('anything-but takes only strings in a nested pattern', at);
  };
}
