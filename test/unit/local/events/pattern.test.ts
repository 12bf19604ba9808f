import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { matchesEvent, parseEventPattern } from '../../../../local/events/pattern.ts';
import { InvalidEventPattern } from '../../../../local/events/pattern/invalid-event-pattern.ts';
import { inboxPattern, objectCreated } from '../../../support/object-created.ts';

type Row = readonly [title: string, pattern: object, event: unknown];

/** `{ a: [...] }` against `{ a: value }`, which is all most operators need. */
const on = (alternative: unknown, value: unknown): [object, object] => [
  { a: [alternative] },
  { a: value },
];
const people = {
  people: [
    { first: 'Anna', last: 'Smith' },
    { first: 'Peter', last: 'Jones' },
  ],
};

const matching: readonly Row[] = [
  ['the rule for the inbox takes an S3 event', inboxPattern, objectCreated],
  ['a string equals itself', ...on('x', 'x')],
  ['an empty string equals an empty string', ...on('', '')],
  ['a number equals itself', ...on(100, 100)],
  ['a number equals its other spellings', ...on(300, 3.0e2)],
  ['a number outside the numeric range still equals itself', ...on(111122223333, 111122223333)],
  ['true equals true', ...on(true, true)],
  ['false equals false', ...on(false, false)],
  ['null equals null', ...on(null, null)],
  ['any of several values is enough', { a: ['x', 'y'] }, { a: 'y' }],
  ['an array of the event needs one value in common', { a: ['x', 'y'] }, { a: ['z', 'y'] }],
  ['an array within an array counts as its values', { a: ['x'] }, { a: [['x']] }],
  ['fields the pattern does not name do not matter', { a: [1] }, { a: 1, b: 2 }],
  ['every named field must match', { a: [1], b: [2] }, { a: 1, b: 2 }],
  ['nesting follows the event', { a: { b: { c: [1] } } }, { a: { b: { c: 1 } } }],
  ['a dotted key is a path', { 'a.b': [1] }, { a: { b: 1 } }],
  ['a path reaches a dotted key', { a: { b: [1] } }, { 'a.b': 1 }],
  ['one IPv4 address equals itself', ...on('10.0.0.1', '10.0.0.1')],
  ['one IPv6 address equals its other spelling', ...on('2001:db8::1', '2001:0db8:0:0:0:0:0:1')],

  ['a prefix', ...on({ prefix: 'us-' }, 'us-east-1')],
  ['the whole value is a prefix of itself', ...on({ prefix: 'us' }, 'us')],
  ['an empty prefix takes any string', ...on({ prefix: '' }, 'x')],
  [
    'a prefix whatever its case',
    ...on({ prefix: { 'equals-ignore-case': 'EventB' } }, 'eVENTbridge'),
  ],
  ['a prefix of one array element', ...on({ prefix: 'b' }, ['ab', 'ba'])],
  ['a suffix', ...on({ suffix: '.png' }, 'image.png')],
  [
    'a suffix whatever its case',
    ...on({ suffix: { 'equals-ignore-case': 'tBRIDGE' } }, 'EventBridge'),
  ],
  ['equals-ignore-case', ...on({ 'equals-ignore-case': 'alice' }, 'ALICE')],
  ['equals-ignore-case beyond ASCII', ...on({ 'equals-ignore-case': 'MÜNCHEN' }, 'münchen')],

  ['a wildcard in the middle', ...on({ wildcard: 'dir/*.png' }, 'dir/a/b.png')],
  ['a wildcard stands for nothing, too', ...on({ wildcard: 'dir/*.png' }, 'dir/.png')],
  ['a lone wildcard takes any string', ...on({ wildcard: '*' }, '')],
  ['a wildcard at both ends', ...on({ wildcard: '*/lib/*' }, '/usr/lib/x')],
  ['several wildcards', ...on({ wildcard: 'a*b*c' }, 'aXbYbZc')],
  ['a wildcard pattern without wildcards', ...on({ wildcard: 'abc' }, 'abc')],
  ['an escaped asterisk', ...on({ wildcard: 'a\\*b*' }, 'a*bc')],
  ['an escaped backslash', ...on({ wildcard: 'c:\\\\*' }, 'c:\\dir')],
  ['an escaped asterisk beside a wildcard', ...on({ wildcard: '*\\*' }, 'x*')],

  ['anything but a string', ...on({ 'anything-but': 'x' }, 'y')],
  ['anything but a string: a number', ...on({ 'anything-but': 'x' }, 5)],
  ['anything but a string: null', ...on({ 'anything-but': 'x' }, null)],
  ['anything but a number', ...on({ 'anything-but': 100 }, 101)],
  ['anything but a number: a string', ...on({ 'anything-but': 100 }, '100')],
  ['anything but several strings', ...on({ 'anything-but': ['x', 'y'] }, 'z')],
  ['anything but several numbers', ...on({ 'anything-but': [1, 2] }, 3)],
  ['anything but: one other array element is enough', ...on({ 'anything-but': 'x' }, ['x', 'y'])],
  ['anything but a prefix', ...on({ 'anything-but': { prefix: 'us-' } }, 'eu-west-1')],
  ['anything but a prefix: a number', ...on({ 'anything-but': { prefix: 'us-' } }, 7)],
  ['anything but several prefixes', ...on({ 'anything-but': { prefix: ['a', 'b'] } }, 'c')],
  ['anything but a suffix', ...on({ 'anything-but': { suffix: '.png' } }, 'x.jpg')],
  ['anything but several suffixes', ...on({ 'anything-but': { suffix: ['.a', '.b'] } }, 'x.c')],
  [
    'anything but, whatever the case',
    ...on({ 'anything-but': { 'equals-ignore-case': 'x' } }, 'y'),
  ],
  [
    'anything but several, whatever the case',
    ...on({ 'anything-but': { 'equals-ignore-case': ['x', 'y'] } }, 'z'),
  ],
  ['anything but a wildcard', ...on({ 'anything-but': { wildcard: '*/lib/*' } }, '/usr/bin/x')],
  ['anything but several wildcards', ...on({ 'anything-but': { wildcard: ['a*', '*b'] } }, 'ba')],

  ['numeric =', ...on({ numeric: ['=', 301.8] }, 3.018e2)],
  ['numeric <', ...on({ numeric: ['<', 10] }, 9.99999)],
  ['numeric <=', ...on({ numeric: ['<=', 10] }, 10)],
  ['numeric >', ...on({ numeric: ['>', -10] }, -9)],
  ['numeric >=', ...on({ numeric: ['>=', 10] }, 10)],
  ['a numeric range, its upper end included', ...on({ numeric: ['>', 0, '<=', 5] }, 5)],
  ['a numeric range, its lower end included', ...on({ numeric: ['>=', 0, '<', 5] }, 0)],
  ['the largest number that is compared', ...on({ numeric: ['>=', 5e9] }, 5e9)],
  ['the smallest number that is compared', ...on({ numeric: ['<=', -5e9] }, -5e9)],
  ['numbers equal to five digits are equal', ...on({ numeric: ['=', 1] }, 1.000001)],
  ['a number of an array', ...on({ numeric: ['>', 5] }, ['x', 1, 6])],

  ['a field that exists', ...on({ exists: true }, 'x')],
  ['null exists', ...on({ exists: true }, null)],
  ['a field that is absent', { a: [{ exists: false }] }, { b: 1 }],
  ['an object is no leaf, so as a leaf it is absent', ...on({ exists: false }, { b: 1 })],
  ['an empty array is absent', ...on({ exists: false }, [])],
  ['absent, or one of these', { a: [{ exists: false }, 'x'] }, { a: 'x' }],
  ['absent, or one of these: absent', { a: [{ exists: false }, 'x'] }, { b: 1 }],
  ['absent below a parent that is absent', { a: { b: [{ exists: false }] } }, { c: 1 }],

  ['an IPv4 network', ...on({ cidr: '10.0.0.0/24' }, '10.0.0.255')],
  ['an IPv4 network named by an address inside', ...on({ cidr: '10.0.0.77/24' }, '10.0.0.1')],
  ['every IPv4 address', ...on({ cidr: '0.0.0.0/0' }, '255.1.2.3')],
  ['an IPv6 network', ...on({ cidr: '2001:db8::/32' }, '2001:db8:ffff::1')],

  ['one side of $or', { $or: [{ a: [1] }, { b: [1] }] }, { a: 1, b: 2 }],
  ['the other side of $or', { $or: [{ a: [1] }, { b: [1] }] }, { a: 2, b: 1 }],
  ['$or beside a field', { c: [1], $or: [{ a: [1] }, { b: [1] }] }, { b: 1, c: 1 }],
  ['$or before a field', { $or: [{ a: [1] }, { b: [1] }], c: [1] }, { b: 1, c: 1 }],
  ['$or inside an object', { d: { $or: [{ a: [1] }, { b: [1] }] } }, { d: { b: 1 } }],
  [
    '$or inside $or',
    { $or: [{ a: [1] }, { b: [1], $or: [{ c: [1] }, { d: [1] }] }] },
    { b: 1, d: 1 },
  ],
  [
    'two $or, both satisfied',
    { $or: [{ a: [1] }, { b: [1] }], x: { $or: [{ c: [1] }, { d: [1] }] } },
    { b: 1, x: { c: 1 } },
  ],
  ['an operator inside $or', { $or: [{ a: [{ numeric: ['>', 5] }] }, { b: [1] }] }, { a: 6 }],

  ['fields of one array element', { people: { first: ['Anna'], last: ['Smith'] } }, people],
  ['one field of any array element', { people: { last: ['Jones'] } }, people],
  [
    'fields of two arrays, each consistent in itself',
    { p: { x: [1] }, q: { x: [2] } },
    { p: [{ x: 1 }], q: [{ x: 3 }, { x: 2 }] },
  ],
  [
    'a first choice of element that has to be taken back',
    { p: { x: [1], y: [2] } },
    {
      p: [
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
    },
  ],
  [
    'an element that lacks a field others have',
    { p: { x: [1], y: [{ exists: false }] } },
    { p: [{ x: 1 }, { x: 2, y: 1 }] },
  ],
];

const notMatching: readonly Row[] = [
  ['another bucket', inboxPattern, { ...objectCreated, detail: { bucket: { name: 'other' } } }],
  ['another source', inboxPattern, { ...objectCreated, source: 'airlock' }],
  ['strings differ in case', ...on('x', 'X')],
  ['a string is no number', ...on('100', 100)],
  ['a number is no string', ...on(100, '100')],
  ['true is not the string', ...on(true, 'true')],
  ['null is not the string', ...on(null, 'null')],
  ['null is not absent', ...on(null, undefined)],
  ['null is not the empty string', ...on(null, '')],
  ['a missing field matches no value', { a: ['x'] }, { b: 'x' }],
  ['one of two fields is not enough', { a: [1], b: [2] }, { a: 1, b: 3 }],
  ['an object is no value', ...on('x', { x: 'x' })],
  ['an empty array has nothing in common', ...on('x', [])],
  ['the wrong nesting', { a: { b: [1] } }, { b: 1 }],
  ['a prefix in the middle', ...on({ prefix: 'b' }, 'ab')],
  ['a prefix in another case', ...on({ prefix: 'US' }, 'us-east-1')],
  ['a prefix of a number', ...on({ prefix: '1' }, 12)],
  ['an empty prefix takes no number', ...on({ prefix: '' }, 1)],
  ['a suffix in the middle', ...on({ suffix: 'a' }, 'ab')],
  ['a suffix of a number', ...on({ suffix: '2' }, 12)],
  ['equals-ignore-case takes no part', ...on({ 'equals-ignore-case': 'ali' }, 'ALICE')],
  ['a wildcard pattern holds for the whole value', ...on({ wildcard: '*.png' }, 'x.png.exe')],
  ['the two ends of a wildcard must not overlap', ...on({ wildcard: 'aba*aba' }, 'aba')],
  ['a wildcard pattern in the wrong order', ...on({ wildcard: '*a*b*' }, 'ba')],
  ['an escaped asterisk is no wildcard', ...on({ wildcard: 'a\\*b' }, 'axb')],
  ['a wildcard takes no number', ...on({ wildcard: '*' }, 5)],
  ['anything but the string itself', ...on({ 'anything-but': 'x' }, 'x')],
  ['anything but a string takes no absent field', { a: [{ 'anything-but': 'x' }] }, { b: 1 }],
  ['anything but: all array elements excluded', ...on({ 'anything-but': ['x', 'y'] }, ['y', 'x'])],
  ['anything but the number, differently spelled', ...on({ 'anything-but': 100 }, 1e2)],
  ['anything but the prefix', ...on({ 'anything-but': { prefix: 'us-' } }, 'us-east-1')],
  ['anything but one of the prefixes', ...on({ 'anything-but': { prefix: ['a', 'b'] } }, 'bc')],
  ['anything but the suffix', ...on({ 'anything-but': { suffix: '.png' } }, 'x.png')],
  ['anything but, in another case', ...on({ 'anything-but': { 'equals-ignore-case': 'x' } }, 'X')],
  ['anything but the wildcard', ...on({ 'anything-but': { wildcard: '*/lib/*' } }, '/usr/lib/x')],
  ['numeric < its bound', ...on({ numeric: ['<', 10] }, 10)],
  ['numeric > its bound', ...on({ numeric: ['>', 10] }, 10)],
  ['numeric range below', ...on({ numeric: ['>', 0, '<', 5] }, 0)],
  ['numeric range above', ...on({ numeric: ['>', 0, '<', 5] }, 5)],
  ['numeric takes no string', ...on({ numeric: ['=', 5] }, '5')],
  ['numeric takes no null', ...on({ numeric: ['<', 5] }, null)],
  ['a number too large to compare', ...on({ numeric: ['>', 0] }, 5_000_000_001)],
  ['a number too small to compare', ...on({ numeric: ['<', 0] }, -5_000_000_001)],
  ['an absent field does not exist', { a: [{ exists: true }] }, { b: 1 }],
  ['an object does not exist as a leaf', ...on({ exists: true }, { b: 1 })],
  ['a field that is there is not absent', ...on({ exists: false }, 'x')],
  ['null is there', ...on({ exists: false }, null)],
  ['outside the IPv4 network', ...on({ cidr: '10.0.0.0/24' }, '10.0.1.0')],
  ['outside the IPv6 network', ...on({ cidr: '2001:db8::/32' }, '2001:db9::1')],
  ['a network takes no other text', ...on({ cidr: '0.0.0.0/0' }, 'example.org')],
  ['an IPv4 network takes no IPv6 address', ...on({ cidr: '0.0.0.0/0' }, '::1')],
  ['neither side of $or', { $or: [{ a: [1] }, { b: [1] }] }, { a: 2, b: 2 }],
  ['$or, but not the field beside it', { c: [1], $or: [{ a: [1] }, { b: [1] }] }, { a: 1, c: 2 }],
  ['$or, but not the field after it', { $or: [{ a: [1] }, { b: [1] }], c: [1] }, { a: 1, c: 2 }],
  ['fields of two array elements', { people: { first: ['Anna'], last: ['Jones'] } }, people],
  [
    'an element that has what it should lack',
    { p: { x: [1], y: [{ exists: false }] } },
    { p: [{ x: 1, y: 2 }] },
  ],
  ['an event that is no object', { a: [1] }, [{ a: 1 }]],
  ['an event that is null', { a: [{ exists: false }] }, null],
];

const manyAlternatives = Array.from({ length: 11 }, (_, index) => ({ [`f${index}`]: [1] }));
const refused: readonly (readonly [title: string, pattern: unknown, reason: RegExp])[] = [
  ['text that is not JSON', '{', /not JSON/],
  ['a pattern that is an array', [], /not an object/],
  ['a pattern that is null', null, /not an object/],
  ['no pattern at all', undefined, /not JSON/],
  ['an empty pattern', {}, /Empty objects/],
  ['an empty object inside', { a: {} }, /Empty objects.*\(at a\)/],
  ['a string for a leaf', { a: 'x' }, /"a" must be an object or an array/],
  ['a number for a leaf', { a: { b: 1 } }, /"b" must be an object or an array \(at a\.b\)/],
  ['null for a leaf', { a: null }, /must be an object or an array/],
  ['an empty array', { a: [] }, /Empty arrays/],
  ['an array in an array', { a: [['x']] }, /Match value must be/],
  ['an empty operator', { a: [{}] }, /expression name not found/],
  ['an unknown operator', { a: [{ matches: 'x' }] }, /Unrecognized match type matches \(at a\)/],
  ['a property every object has', { a: [{ constructor: 'x' }] }, /Unrecognized match type/],
  ['two operators in one', { a: [{ prefix: 'x', suffix: 'y' }] }, /Only one key/],
  ['a prefix that is a number', { a: [{ prefix: 1 }] }, /prefix match pattern must be a string/],
  ['a list of prefixes', { a: [{ prefix: ['x'] }] }, /must be a string/],
  ['a prefix of another kind', { a: [{ prefix: { wildcard: 'x' } }] }, /Unsupported prefix/],
  [
    'a prefix of two kinds',
    { a: [{ prefix: { 'equals-ignore-case': 'x', y: 1 } }] },
    /Only one key/,
  ],
  ['a suffix that is null', { a: [{ suffix: null }] }, /suffix match pattern must be a string/],
  ['equals-ignore-case of a number', { a: [{ 'equals-ignore-case': 1 }] }, /must be a string/],
  ['a wildcard that is a number', { a: [{ wildcard: 1 }] }, /wildcard match pattern/],
  ['two wildcards in a row', { a: [{ wildcard: 'a**b' }] }, /Consecutive wildcard/],
  ['an unknown escape', { a: [{ wildcard: 'a\\b' }] }, /Invalid escape/],
  ['an escape at the end', { a: [{ wildcard: 'a\\' }] }, /Invalid escape/],
  ['anything but nothing', { a: [{ 'anything-but': [] }] }, /Empty arrays/],
  ['anything but null', { a: [{ 'anything-but': null }] }, /anything-but must be/],
  ['anything but true', { a: [{ 'anything-but': true }] }, /anything-but must be/],
  ['anything but a mixture', { a: [{ 'anything-but': ['x', 1] }] }, /anything-but must be/],
  ['anything but a number out of range', { a: [{ 'anything-but': 6e9 }] }, /between/],
  [
    'anything but an unknown kind',
    { a: [{ 'anything-but': { numeric: ['=', 1] } }] },
    /Unsupported/,
  ],
  ['anything but an empty kind', { a: [{ 'anything-but': {} }] }, /Unsupported/],
  ['anything but two kinds', { a: [{ 'anything-but': { prefix: 'x', suffix: 'y' } }] }, /Only one/],
  ['anything but an empty prefix', { a: [{ 'anything-but': { prefix: '' } }] }, /Null prefix/],
  ['anything but no suffix', { a: [{ 'anything-but': { suffix: [] } }] }, /Empty arrays/],
  ['anything but a numeric prefix', { a: [{ 'anything-but': { prefix: 1 } }] }, /only strings/],
  ['anything but a bad wildcard', { a: [{ 'anything-but': { wildcard: '**' } }] }, /Consecutive/],
  ['numeric without a list', { a: [{ numeric: 5 }] }, /must be an array/],
  ['numeric with nothing', { a: [{ numeric: [] }] }, /Unrecognized numeric/],
  ['numeric with an unknown comparison', { a: [{ numeric: ['!=', 5] }] }, /Unrecognized numeric/],
  ['numeric with a string', { a: [{ numeric: ['>', '5'] }] }, /must be numeric/],
  ['numeric without a bound', { a: [{ numeric: ['>'] }] }, /must be numeric/],
  ['numeric out of range', { a: [{ numeric: ['<', 5_000_000_001] }] }, /between -5000000000 and/],
  ['a range that starts with its end', { a: [{ numeric: ['<', 5, '>', 0] }] }, /Too many elements/],
  ['a range of equals', { a: [{ numeric: ['=', 5, '<', 6] }] }, /Too many elements/],
  ['a range with two lower ends', { a: [{ numeric: ['>', 5, '>', 6] }] }, /Bad numeric range/],
  ['a range upside down', { a: [{ numeric: ['>', 5, '<', 1] }] }, /Bottom must be less than top/],
  ['a range without its end', { a: [{ numeric: ['>', 5, '<'] }] }, /must be numeric/],
  ['a range of three', { a: [{ numeric: ['>', 1, '<', 5, '<', 6] }] }, /Too many elements/],
  ['exists with a string', { a: [{ exists: 'true' }] }, /either true or false/],
  ['a network without a mask', { a: [{ cidr: '10.0.0.0' }] }, /one '\/' required/],
  ['a network with a mask that is text', { a: [{ cidr: '10.0.0.0/x' }] }, /must be an integer/],
  ['a network of one IPv4 address', { a: [{ cidr: '10.0.0.1/32' }] }, /must be < 32/],
  ['a network of one IPv6 address', { a: [{ cidr: '::1/128' }] }, /must be < 128/],
  ['a network of no address', { a: [{ cidr: '10.0.0.256/8' }] }, /Nonstandard IP/],
  ['a network that is a number', { a: [{ cidr: 10 }] }, /cidr match pattern/],
  ['$or that is an object', { $or: { a: [1] } }, /must be an Array/],
  ['$or with one alternative', { $or: [{ a: [1] }] }, /at least 2 Objects/],
  ['$or with nothing', { $or: [] }, /at least 2 Objects/],
  ['$or of values', { $or: ['x', 'y'] }, /Only JSON object/],
  ['$or with an empty alternative', { $or: [{ a: [1] }, {}] }, /Empty objects/],
  ['$or with an operator for a field', { $or: [{ prefix: ['x'] }, { a: [1] }] }, /reserved/],
  ['$or with a broken alternative', { $or: [{ a: [1] }, { b: 'x' }] }, /"b" must be/],
  [
    'more than 1000 combinations of $or',
    { a: { $or: manyAlternatives }, b: { $or: manyAlternatives }, c: { $or: manyAlternatives } },
    /More than 1000/,
  ],
  ['more than 4096 characters', { a: ['x'.repeat(4090)] }, /at most 4096/],
];

describe('a pattern matches', () => {
  test.each(matching)('%s', (_, pattern, event) => {
    expect(matchesEvent(parseEventPattern(pattern), event)).toBe(true);
    expect(matchesEvent(parseEventPattern(JSON.stringify(pattern)), event)).toBe(true);
  });
});

describe('a pattern does not match', () => {
  test.each(notMatching)('%s', (_, pattern, event) => {
    expect(matchesEvent(parseEventPattern(pattern), event)).toBe(false);
  });
});

describe('a pattern is refused', () => {
  test.each(refused)('%s', (_, pattern, reason) => {
    expect(() => parseEventPattern(pattern)).toThrow(InvalidEventPattern);
    expect(() => parseEventPattern(pattern)).toThrow(reason);
  });

  test('with a message that begins like the one of AWS', () => {
    expect(() => parseEventPattern({ a: 1 })).toThrow(/^Event pattern is not valid\. Reason: /);
  });

  test('a pattern of exactly 4096 characters is not', () => {
    const empty = JSON.stringify({ a: [''] }).length;
    expect(() => parseEventPattern({ a: ['x'.repeat(4096 - empty)] })).not.toThrow();
  });

  test('a thousand combinations of $or are not', () => {
    const ten = manyAlternatives.slice(0, 10);
    const pattern = { a: { $or: ten }, b: { $or: ten }, c: { $or: ten } };
    const event = { a: { f9: 1 }, b: { f0: 1 }, c: { f5: 1 } };
    expect(matchesEvent(parseEventPattern(pattern), event)).toBe(true);
  });
});

describe('whatever the event', () => {
  const name = fc.stringMatching(/^[a-z]{1,4}$/);
  const leaf = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const { event } = fc.letrec<{ event: Record<string, unknown> }>((tie) => ({
    event: fc.dictionary(name, fc.oneof({ maxDepth: 3 }, leaf, tie('event')), {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    }),
  }));
  const hasLeaves = (value: unknown): boolean =>
    typeof value !== 'object' || value === null || Object.values(value).every(hasLeaves);
  const toExactPattern = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? [value]
      : Object.fromEntries(
          Object.entries(value).map(([key, child]) => [key, toExactPattern(child)]),
        );

  test('the pattern of its own values matches it', () => {
    fc.assert(
      fc.property(event.filter(hasLeaves), (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value));
        const pattern = JSON.stringify(toExactPattern(json));
        fc.pre(pattern.length <= 4096);
        expect(matchesEvent(parseEventPattern(pattern), json)).toBe(true);
      }),
    );
  });

  test('anything-but a value never matches that value, and always another one', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, other) => {
        const pattern = parseEventPattern({ a: [{ 'anything-but': value }] });
        expect(matchesEvent(pattern, { a: value })).toBe(false);
        expect(matchesEvent(pattern, { a: other })).toBe(other !== value);
      }),
    );
  });

  test('a value with its wildcards escaped matches itself, and nothing shorter', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const escaped = value.replaceAll(/[\\*]/g, String.raw`\$&`);
        const pattern = parseEventPattern({ a: [{ wildcard: escaped }] });
        expect(matchesEvent(pattern, { a: value })).toBe(true);
        expect(matchesEvent(pattern, { a: value.slice(1) })).toBe(false);
      }),
    );
  });

  test('a number is below, at, or above a bound, and never two of them', () => {
    const comparable = fc.integer({ min: -5_000_000_000, max: 5_000_000_000 });
    fc.assert(
      fc.property(comparable, comparable, (value, bound) => {
        const holds = ['<', '=', '>'].filter((operator) =>
          matchesEvent(parseEventPattern({ a: [{ numeric: [operator, bound] }] }), { a: value }),
        );
        expect(holds).toHaveLength(1);
      }),
    );
  });
});
