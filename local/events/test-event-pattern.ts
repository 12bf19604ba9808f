import { EventBridgeError } from './errors.ts';
import { isObject } from './pattern/json.ts';
import { matchesEvent } from './pattern.ts';
import { parsePattern } from './rules.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const MANDATORY = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/**
 * Whether an event, as JSON text, matches a pattern, as JSON text.
 *
 * @throws {EventBridgeError} if the pattern or the event is invalid
 */
export function testEventPattern(pattern: string, eventText: string): boolean {
  const parsed = parsePattern(pattern);
  const event = parseJson(eventText);
  if (!isObject(event)) throw invalid('Event is not a JSON object');
  const missing = MANDATORY.find((name) => !Object.hasOwn(event, name));
  if (missing !== undefined) throw invalid(`${missing} is a required field`);
  return matchesEvent(parsed, event);
}

function invalid(reason: string): EventBridgeError {
  return new EventBridgeError(
    'ValidationException',
    `Parameter Event is not valid. Reason: ${reason}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
