import { compileBranches, type Branch } from './pattern/branches.ts';
import { flattenEvent, joinMemberships, type EventField } from './pattern/flatten.ts';
import { InvalidEventPattern } from './pattern/invalid-event-pattern.ts';
import { isObject } from './pattern/json.ts';

/** A pattern, parsed and checked. */
export type EventPattern = { readonly branches: readonly Branch[] };

/**
 * The API's limit. An account's default quota is 2048.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const MAX_PATTERN_CHARACTERS = 4096;

/**
 * Reads an event pattern: the JSON text that `PutRule` takes, or the object a template holds.
 * The language is the one AWS documents; otherwise this follows
 * https://github.com/aws/event-ruler, the library that EventBridge is built on.
 *
 * @throws {InvalidEventPattern} saying what is wrong and where
 */
export function parseEventPattern(pattern: unknown): EventPattern {
  const text = typeof pattern === 'string' ? pattern : (JSON.stringify(pattern) ?? '');
  if (text.length > MAX_PATTERN_CHARACTERS) {
    throw new InvalidEventPattern(
      `${text.length} characters; at most ${MAX_PATTERN_CHARACTERS} are allowed`,
    );
  }
  return { branches: compileBranches(parseJson(text)) };
}

/**
 * Whether the event (a parsed JSON value) satisfies the pattern. Fields of the pattern that lie
 * inside one array of the event must be satisfied by one and the same element of it.
 */
export function matchesEvent(pattern: EventPattern, event: unknown): boolean {
  if (!isObject(event)) return false;
  const fields = flattenEvent(event);
  return pattern.branches.some((branch) => matchesBranch(branch, fields));
}

/**
 * Matches the fields of a branch in the order of their names, and backtracks when a choice of array
 * elements does not work out. The order matters in one case only: a field that must be absent is
 * looked for in the array elements chosen so far.
 */
function matchesBranch(
  branch: Branch,
  fields: ReadonlyMap<string, readonly EventField[]>,
): boolean {
  const wanted = [...branch].toSorted(([left], [right]) => (left < right ? -1 : 1));

  const matchesFrom = (index: number, chosen: EventField['membership']): boolean => {
    const next = wanted[index];
    if (next === undefined) return true;
    const [path, { tests, matchesAbsence }] = next;
    const reachable = (fields.get(path) ?? []).flatMap(({ leaf, membership }) => {
      const joined = joinMemberships(chosen, membership);
      return joined === undefined ? [] : [{ leaf, joined }];
    });
    if (matchesAbsence && reachable.length === 0) return matchesFrom(index + 1, chosen);
    return reachable.some(
      ({ leaf, joined }) => tests.some((test) => test(leaf)) && matchesFrom(index + 1, joined),
    );
  };
  return matchesFrom(0, new Map());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidEventPattern('the pattern is not JSON');
  }
}
