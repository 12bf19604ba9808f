import { parseField, type FieldTest } from './field.ts';
import { InvalidEventPattern } from './invalid-event-pattern.ts';
import { isObject } from './json.ts';

/**
 * One way to satisfy a pattern: every field test by its dotted path. A pattern without `$or` has
 * one branch; each `$or` multiplies the branches before it by its alternatives.
 *
 * Paths are joined with dots before they are compared, as Event Ruler does it: the key
 * `"state.status"` and `status` nested in `state` are the same field, in pattern and event alike.
 * A field constrained both beside and inside a `$or` keeps the later constraint, as in Event Ruler.
 */
export type Branch = ReadonlyMap<string, FieldTest>;

/**
 * "$or results in over 1000 rule combinations" is refused.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
const MAX_BRANCHES = 1000;

/** Field names that would be mistaken for operators inside `$or`; Event Ruler reserves them. */
const RESERVED_IN_OR: ReadonlySet<string> = new Set(
  `exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr html
  = < <= > >= regex not-wildcard not-equals-ignore-case date-after date-on-or-after date-before
  date-on-or-before in-date-range ip-address-in-range ip-address-not-in-range`.split(/\s+/),
);

/** @throws {InvalidEventPattern} */
export function compileBranches(pattern: unknown): readonly Branch[] {
  if (!isObject(pattern)) throw new InvalidEventPattern('Filter is not an object');
  return compileObject(pattern, [], [new Map()], false);
}

function compileObject(
  object: Readonly<Record<string, unknown>>,
  path: readonly string[],
  before: readonly Branch[],
  isInsideOr: boolean,
): readonly Branch[] {
  const entries = Object.entries(object);
  if (entries.length === 0) {
    throw new InvalidEventPattern('Empty objects are not allowed', path.join('.'));
  }
  let branches = before;
  for (const [name, value] of entries) {
    const here = [...path, name];
    const at = here.join('.');
    if (name === '$or') branches = compileOr(value, path, branches, at);
    else if (isInsideOr && RESERVED_IN_OR.has(name)) {
      throw new InvalidEventPattern(`${name} is reserved and cannot be used inside $or.`, at);
    } else if (isObject(value)) branches = compileObject(value, here, branches, isInsideOr);
    else if (Array.isArray(value)) {
      const test = parseField(value, at);
      branches = branches.map((branch) => new Map([...branch, [at, test]]));
    } else {
      throw new InvalidEventPattern(`"${name}" must be an object or an array`, at);
    }
  }
  return branches;
}

function compileOr(
  alternatives: unknown,
  path: readonly string[],
  before: readonly Branch[],
  at: string,
): readonly Branch[] {
  if (!Array.isArray(alternatives)) {
    throw new InvalidEventPattern('It must be an Array followed with $or.', at);
  }
  if (alternatives.length < 2) {
    throw new InvalidEventPattern('There must have at least 2 Objects in $or relationship.', at);
  }
  const branches: Branch[] = [];
  for (const alternative of alternatives) {
    if (!isObject(alternative)) {
      throw new InvalidEventPattern(
        'Only JSON object is allowed in array of $or relationship.',
        at,
      );
    }
    branches.push(...compileObject(alternative, path, before, true));
    if (branches.length > MAX_BRANCHES) {
      throw new InvalidEventPattern(`More than ${MAX_BRANCHES} rule combinations`, at);
    }
  }
  return branches;
}
