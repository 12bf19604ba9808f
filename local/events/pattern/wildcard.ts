import { InvalidEventPattern } from './invalid-event-pattern.ts';
import type { LeafTest } from './json.ts';

/**
 * `{ "wildcard": "dir/*.png" }`: `*` stands for any number of characters; `\*` and `\\` are the
 * characters themselves; `**` and all other escapes are refused.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function wildcard(operand: unknown, at: string): LeafTest {
  if (typeof operand !== 'string') {
    throw new InvalidEventPattern('wildcard match pattern must be a string', at);
  }
  const literals = splitAtWildcards(operand, at);
  return (leaf) => typeof leaf === 'string' && containsInOrder(leaf, literals);
}

/** The literals between the wildcards, one more than there are wildcards. */
function splitAtWildcards(text: string, at: string): readonly string[] {
  const literals: string[] = [];
  let literal = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const next = text.charAt(index + 1);
    if (character === '*') {
      if (next === '*') {
        throw new InvalidEventPattern(`Consecutive wildcard characters at pos ${index}`, at);
      }
      literals.push(literal);
      literal = '';
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') {
        throw new InvalidEventPattern(`Invalid escape character at pos ${index}`, at);
      }
      literal += next;
      index++;
    } else {
      literal += character;
    }
  }
  return [...literals, literal];
}

/** Not a regular expression, which could backtrack for minutes. */
function containsInOrder(text: string, literals: readonly string[]): boolean {
  const [first = '', ...others] = literals;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const literal of others) {
    const found = text.indexOf(literal, from);
    if (found === -1) return false;
    from = found + literal.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
