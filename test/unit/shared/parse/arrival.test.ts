import fc from '../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import { parseArrival, encodeArrival } from '../../../../shared/parse/arrival.ts';
import { objectCreated } from '../../../support/object-created.ts';

test('an event becomes an arrival, its key taken as it is', () => {
  expect(parseArrival(JSON.stringify(objectCreated))).toEqual({
    bucket: 'airlock-inbox',
    key: 'acme/in/report 1+1%20.csv',
    sizeBytes: 5,
    etag: 'b1946ac92492d2347c6235b4d2611184',
    versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    arrivedAt: Date.UTC(2026, 10, 12),
  });
});

const withObject = (over: object): string =>
  JSON.stringify({
    ...objectCreated,
    detail: { ...objectCreated.detail, object: { ...objectCreated.detail.object, ...over } },
  });

test.each([
  ['', /not JSON/],
  ['null', /not an S3 "Object Created" event/],
  ['[]', /not an S3/],
  ['{"Records":[]}', /source: /],
  [JSON.stringify({ ...objectCreated, source: 'aws.ec2' }), /source: .*aws\.ec2/],
  [JSON.stringify({ ...objectCreated, 'detail-type': 'Object Deleted' }), /detail-type: /],
  [withObject({ key: '' }), /detail\.object\.key: /],
  [withObject({ key: 7 }), /detail\.object\.key: /],
  [withObject({ size: -1 }), /detail\.object\.size: /],
  [withObject({ size: 1.5 }), /detail\.object\.size: /],
  [withObject({ etag: undefined }), /detail\.object\.etag: /],
])('%j is refused, saying what is wrong', (body, words) => {
  expect(() => parseArrival(body)).toThrow(words);
  expect(() => parseArrival(body)).toThrow(
    expect.objectContaining({ code: 'EVENT_MALFORMED', disposition: 'dead-letter' }),
  );
});

test('what the sweep encodes, the parser reads back', () => {
  const arrival = fc.record({
    bucket: fc.string({ minLength: 1 }),
    key: fc.string({ minLength: 1, unit: 'binary' }),
    sizeBytes: fc.maxSafeNat(),
    etag: fc.stringMatching(/^[0-9a-f]{32}$/),
    versionId: fc.option(fc.string(), { nil: undefined }),
    arrivedAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  });
  fc.assert(
    fc.property(arrival, (it) => {
      expect(parseArrival(encodeArrival(it))).toEqual(it);
    }),
  );
});
