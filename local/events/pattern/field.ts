import { anythingBut } from './anything-but.ts';
import { cidr } from './cidr.ts';
import { InvalidEventPattern } from './invalid-event-pattern.ts';
import { isSameAddress, parseIpAddress } from './ip-address.ts';
import { isLeaf, isObject, type Leaf, type LeafTest } from './json.ts';
import { numeric } from './numeric.ts';
import { equalsIgnoreCase, prefix, suffix } from './text.ts';
import { wildcard } from './wildcard.ts';

/** One leaf array of a pattern; its field must pass at least one of the tests. */
export type FieldTest = {
  readonly tests: readonly LeafTest[];
  /** Whether `{ "exists": false }` is among them. */
  readonly matchesAbsence: boolean;
};

const OPERATORS: ReadonlyMap<string, (operand: unknown, at: string) => LeafTest> = new Map([
  ['prefix', prefix],
  ['suffix', suffix],
  ['equals-ignore-case', equalsIgnoreCase],
  ['wildcard', wildcard],
  ['anything-but', anythingBut],
  ['numeric', numeric],
  ['cidr', cidr],
]);

/** @throws {InvalidEventPattern} for an empty array, an unknown operator or a wrong operand */
export function parseField(alternatives: readonly unknown[], at: string): FieldTest {
  if (alternatives.length === 0) {
    throw new InvalidEventPattern('Empty arrays are not allowed', at);
  }
  let matchesAbsence = false;
  const tests: LeafTest[] = [];
  for (const alternative of alternatives) {
    if (isLeaf(alternative)) tests.push(exactly(alternative));
    else if (!isObject(alternative)) {
      throw new InvalidEventPattern('Match value must be String, number, true, false, or null', at);
    } else {
      const [name, operand] = onlyEntry(alternative, at);
      if (name !== 'exists') tests.push(operator(name, at)(operand, at));
      else if (operand === true) tests.push(() => true);
      else if (operand === false) matchesAbsence = true;
      else {
        throw new InvalidEventPattern('exists match pattern must be either true or false.', at);
      }
    }
  }
  return { tests, matchesAbsence };
}

function onlyEntry(expression: Readonly<Record<string, unknown>>, at: string): [string, unknown] {
  const [entry, ...others] = Object.entries(expression);
  if (entry === undefined) throw new InvalidEventPattern('Match expression name not found', at);
  if (others.length > 0) {
    throw new InvalidEventPattern('Only one key allowed in match expression', at);
  }
  return entry;
}

function operator(name: string, at: string): (operand: unknown, at: string) => LeafTest {
  const found = OPERATORS.get(name);
  if (found === undefined) throw new InvalidEventPattern(`Unrecognized match type ${name}`, at);
  return found;
}

/** Equality of JSON values; as in Event Ruler, two notations of one IP address are equal. */
function exactly(value: Leaf): LeafTest {
  const address = typeof value === 'string' ? parseIpAddress(value) : undefined;
  if (address === undefined) return (leaf) => leaf === value;
  return (leaf) => typeof leaf === 'string' && isSameAddress(address, parseIpAddress(leaf));
}
