import { expect, test } from 'vitest';
import { admit } from '../../../../shared/decide/admission.ts';
import { anArrival } from '../../../support/builders.ts';

const policy = { inboxBucket: 'inbox', temporarySuffixes: ['.filepart', '.part'] };

test('a file is admitted to the path of its key', () => {
  expect(admit(anArrival({ key: 'in/a.csv' }), policy)).toEqual({
    kind: 'file',
    landingPath: 'in/a.csv',
  });
});

test('an empty object whose key ends in a slash is a folder', () => {
  expect(admit(anArrival({ key: 'in/', sizeBytes: 0 }), policy)).toEqual({
    kind: 'folder',
    landingPath: 'in/',
  });
});

test('a folder with content is refused, since a file system cannot hold it', () => {
  expect(admit(anArrival({ key: 'in/', sizeBytes: 1 }), policy)).toMatchObject({
    kind: 'refuse',
    code: 'KEY_UNSAFE',
  });
});

test.each(['a.filepart', 'A.FILEPART', 'deep/a.csv.part'])(
  'the temporary name %j is skipped',
  (key) => {
    expect(admit(anArrival({ key }), policy)).toMatchObject({ kind: 'skip' });
  },
);

test.each(['part', 'a.partial', 'a.part.csv', 'a.part/b'])('%j is no temporary name', (key) => {
  expect(admit(anArrival({ key }), policy)).toMatchObject({ kind: 'file' });
});

test('an unsafe key is refused even under a temporary name', () => {
  expect(admit(anArrival({ key: '../a.part' }), policy)).toMatchObject({ code: 'KEY_UNSAFE' });
});

test("another bucket's event is refused", () => {
  expect(admit(anArrival({ bucket: 'quarantine' }), policy)).toMatchObject({
    code: 'EVENT_FOREIGN',
    reason: expect.stringContaining('quarantine'),
  });
});
