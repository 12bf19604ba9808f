import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import {
  exampleNotices,
  NOTICE_SCHEMA_FILE,
  noticeJsonSchema,
} from '../../../../scripts/notice-json-schema.ts';
import type { IngestErrorCode } from '../../../../shared/model/ingest-error.ts';
import { noticeOf } from '../../../../shared/notify/notice.ts';
import { anArrival, anObject } from '../../../support/builders.ts';

const facts = {
  arrival: anArrival(),
  object: anObject(),
  messageId: 'm',
  at: 0,
  engine: 'ClamAV 1.4.6',
};
const delivered = { kind: 'delivered', landingPath: 'reports/a.csv', sha256: 'ff' } as const;

test('a notice says what happened to which upload, and where it is', () => {
  expect(noticeOf(delivered, facts)).toEqual({
    schema: 'airlock.notice/1',
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    outcome: 'delivered',
    at: '1970-01-01T00:00:00.000Z',
    partner: 'acme',
    object: {
      bucket: 'inbox',
      key: 'reports/a.csv',
      versionId: 'v1',
      etag: '900150983cd24fb0d6963f7d28e17f72',
      sizeBytes: 3,
      arrivedAt: '2026-11-21T09:00:00.000Z',
    },
    landingPath: 'reports/a.csv',
    sha256: 'ff',
    scanner: { engine: 'ClamAV 1.4.6' },
  });
});

test('the id is the same for a repetition and different for anything else', () => {
  const id = (over: Partial<typeof facts>, outcome: Parameters<typeof noticeOf>[0] = delivered) =>
    noticeOf(outcome, { ...facts, ...over }).id;
  expect(id({ at: 1, messageId: 'other' })).toBe(id({}));
  expect(id({ arrival: anArrival({ versionId: 'v2' }) })).not.toBe(id({}));
  expect(id({ arrival: anArrival({ key: 'b' }) })).not.toBe(id({}));
  expect(id({}, { kind: 'superseded', by: 'deletion' })).not.toBe(id({}));
});

test('a refusal for another reason is another notice, in whatever words an accident is told', () => {
  const id = (code: IngestErrorCode, reason: string): string =>
    noticeOf({ kind: 'refused', code, reason }, facts).id;
  expect(id('POLICY_REFUSED', 'an ending')).toBe(id('POLICY_REFUSED', 'an ending'));
  expect(id('POLICY_REFUSED', 'a size')).not.toBe(id('POLICY_REFUSED', 'an ending'));
  expect(id('SOURCE_UNAVAILABLE', 'reset')).toBe(id('SOURCE_UNAVAILABLE', 'timed out'));
  expect(id('LANDING_FULL', 'reset')).not.toBe(id('SOURCE_UNAVAILABLE', 'reset'));
});

test('a refused message without an object is known by its message id', () => {
  const refused = { kind: 'refused', code: 'EVENT_MALFORMED', reason: 'not JSON' } as const;
  const notice = noticeOf(refused, { arrival: undefined, messageId: 'm-7', at: 0 });
  expect(notice).toMatchObject({ outcome: 'refused', code: 'EVENT_MALFORMED', reason: 'not JSON' });
  expect(notice).not.toHaveProperty('object');
  const other = noticeOf(refused, { arrival: undefined, messageId: 'm-8', at: 0 });
  expect(other.id).not.toBe(notice.id);
});

test("the scanner's version line is split into its parts", () => {
  const engine = 'ClamAV 1.4.3/27500/Sat Nov 21 08:00:00 2026';
  expect(noticeOf(delivered, { ...facts, engine }).scanner).toEqual({
    engine: 'ClamAV 1.4.3',
    signatures: '27500',
    signaturesBuiltAt: '2026-11-21T08:00:00.000Z',
  });
});

test('every notice is what its JSON Schema says, and the schema in the docs is that one', async () => {
  expect(await readFile(NOTICE_SCHEMA_FILE, 'utf8')).toBe(noticeJsonSchema());
  const validate = new Ajv({ formats: { 'date-time': true } }).compile(
    JSON.parse(noticeJsonSchema()),
  );
  for (const notice of exampleNotices()) {
    validate(notice);
    expect(validate.errors).toBeNull();
  }
  expect(validate({ schema: 'airlock.notice/1' })).toBe(false);
});

test('the examples show every field, every outcome, and a notice that names no object', () => {
  const examples = exampleNotices();
  const shown = new Set(examples.flatMap((notice) => fieldsOf(notice)));
  const { properties } = JSON.parse(noticeJsonSchema());
  expect([...shown].toSorted()).toEqual(pathsIn(properties).toSorted());
  expect(new Set(examples.map(({ outcome }) => outcome))).toEqual(new Set(properties.outcome.enum));
  expect(examples.some(({ object }) => object === undefined)).toBe(true);
  expect(examples.some(({ object, partner }) => object && partner === undefined)).toBe(true);
});

test('every notice that docs/notices.md shows is one that the ingest makes', async () => {
  const page = await readFile(new URL('../../../../docs/notices.md', import.meta.url), 'utf8');
  const shown = [...page.matchAll(/```json notice=\w+\n(.*?)```/gs)].map(([, json = '']) =>
    JSON.parse(json),
  );
  expect(shown).toHaveLength(2);
  for (const notice of shown) expect(exampleNotices()).toContainEqual(notice);
});

/** `id`, `object.key` ... of what a notice has. */
function fieldsOf(notice: object, prefix = ''): readonly string[] {
  return Object.entries(notice).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? [prefix + name, ...fieldsOf(value, `${prefix}${name}.`)]
      : [prefix + name],
  );
}

type Properties = Readonly<Record<string, { readonly properties?: Properties }>>;

/** The same of what a schema allows. */
function pathsIn(properties: Properties, prefix = ''): readonly string[] {
  return Object.entries(properties).flatMap(([name, { properties: inner = {} }]) => [
    prefix + name,
    ...pathsIn(inner, `${prefix}${name}.`),
  ]);
}
