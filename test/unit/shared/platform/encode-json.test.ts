import { expect, test } from 'vitest';
import { encodeJson, escapeJson } from '../../../../shared/platform/encode-json.ts';
import fc from '../../../support/fast-check.ts';

/** What SQS takes in a body, without the planes that its stand-in refuses. */
const ACCEPTED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/;

test('whatever is encoded has only characters that every queue takes, and reads back the same', () => {
  const texts = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.dictionary(texts, fc.oneof(texts, fc.array(texts))), (value) => {
      const json = encodeJson(value);
      expect(json).toMatch(ACCEPTED);
      expect(Object.entries(JSON.parse(json) as object)).toEqual(Object.entries(value));
    }),
  );
});

test.each([
  ['a character above U+FFFF', 'Q3 📈.csv', String.raw`"Q3 \ud83d\udcc8.csv"`],
  ['noncharacters', 'a\ufffe\uffff', String.raw`"a\ufffe\uffff"`],
  ['half a character', '\ud83d', String.raw`"\ud83d"`],
  ['a control character', '\u0001', String.raw`"\u0001"`],
  ['an umlaut stays readable', 'Übersicht', '"Übersicht"'],
])('%s', (_name, value, json) => {
  expect(encodeJson(value)).toBe(json);
});

test('a text that is JSON already keeps its form', () => {
  expect(escapeJson('{ "n": 1.0, "s": "📈" }')).toBe(String.raw`{ "n": 1.0, "s": "\ud83d\udcc8" }`);
});
