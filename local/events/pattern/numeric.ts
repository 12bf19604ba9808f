import { InvalidEventPattern } from './invalid-event-pattern.ts';
import type { LeafTest } from './json.ts';

/**
 * Numbers are compared between -5e9 and 5e9 with five digits after the decimal point.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
const LIMIT = 5e9;
const UNITS_PER_ONE = 1e5;

/** `{ "numeric": [">", 0, "<=", 5] }`: one comparison, or a lower bound followed by an upper one. */
export function numeric(operand: unknown, at: string): LeafTest {
  if (!Array.isArray(operand)) {
    throw new InvalidEventPattern('Value of numeric must be an array.', at);
  }
  const terms: readonly unknown[] = operand;
  const [operator, bound, upperOperator, upperBound] = terms;
  const isLower = operator === '>' || operator === '>=';
  const lower = comparison(operator, bound, at);
  if (terms.length <= 2) return lower.test;
  if (!isLower || terms.length > 4) {
    throw new InvalidEventPattern('Too many elements in numeric expression', at);
  }
  if (upperOperator !== '<' && upperOperator !== '<=') {
    throw new InvalidEventPattern(`Bad numeric range operator: ${String(upperOperator)}`, at);
  }
  const upper = comparison(upperOperator, upperBound, at);
  if (lower.bound >= upper.bound) {
    throw new InvalidEventPattern('Bottom must be less than top', at);
  }
  return (leaf) => lower.test(leaf) && upper.test(leaf);
}

/** A number of the pattern in comparable units. @throws {InvalidEventPattern} outside the limits */
export function comparableOperand(operand: unknown, at: string): number {
  const units = comparable(operand);
  if (units === undefined) {
    throw new InvalidEventPattern(`Value must be between ${-LIMIT} and ${LIMIT}, inclusive`, at);
  }
  return units;
}

/** An event's number in comparable units; undefined for anything that cannot be compared. */
export function comparable(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(Math.abs(value) <= LIMIT)) return undefined;
  return Math.round(value * UNITS_PER_ONE);
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ['=', (value: number, bound: number) => value === bound],
  ['<', (value: number, bound: number) => value < bound],
  ['<=', (value: number, bound: number) => value <= bound],
  ['>', (value: number, bound: number) => value > bound],
  ['>=', (value: number, bound: number) => value >= bound],
]);

function comparison(operator: unknown, operand: unknown, at: string) {
  const compare = COMPARISONS.get(operator);
  if (compare === undefined) {
    throw new InvalidEventPattern(`Unrecognized numeric range operator: ${String(operator)}`, at);
  }
  if (typeof operand !== 'number') {
    throw new InvalidEventPattern(`Value of ${String(operator)} must be numeric`, at);
  }
  const bound = comparableOperand(operand, at);
  const test: LeafTest = (leaf) => {
    const value = comparable(leaf);
    return value !== undefined && compare(value, bound);
  };
  return { bound, test };
}
