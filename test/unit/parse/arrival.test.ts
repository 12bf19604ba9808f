import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseArrival, wordArrival } from '../../../shared/parse/arrival.ts';

/** As EventBridge delivers it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const EVENT = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '111122223333',
  time: '2026-11-12T00:00:00Z',
  region: 'ca-central-1',
  resources: ['arn:aws:s3:::inbox'],
  detail: {
    version: '0',
    bucket: { name: 'inbox' },
    object: {
      key: 'in/100%25 + ü.csv',
      size: 5,
      etag: 'b1946ac92492d2347c6235b4d2611184',
      'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
      sequencer: '617f08299329d189',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '123456789012',
    'source-ip-address': '1.2.3.4',
    reason: 'PutObject',
  },
};

test('an event becomes an arrival, its key taken as it is', () => {
  expect(parseArrival(JSON.stringify(EVENT))).toEqual({
    bucket: 'inbox',
    key: 'in/100%25 + ü.csv',
    sizeBytes: 5,
    etag: 'b1946ac92492d2347c6235b4d2611184',
    versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    arrivedAt: Date.UTC(2026, 10, 12),
  });
});

const withObject = (over: object): string =>
  JSON.stringify({
    ...EVENT,
    detail: { ...EVENT.detail, object: { ...EVENT.detail.object, ...over } },
  });

test.each([
  ['', /not JSON/],
  ['null', /not an S3 "Object Created" event/],
  ['[]', /not an S3/],
  ['{"Records":[]}', /source: /],
  [JSON.stringify({ ...EVENT, source: 'aws.ec2' }), /source: .*aws\.ec2/],
  [JSON.stringify({ ...EVENT, 'detail-type': 'Object Deleted' }), /detail-type: /],
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

test('what the sweep words, the parser reads back', () => {
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
      expect(parseArrival(wordArrival(it))).toEqual(it);
    }),
  );
});
