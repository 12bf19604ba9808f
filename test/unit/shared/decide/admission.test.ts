import { join, relative, resolve } from 'node:path';
import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { admit, admitByPolicy, landingPathOf } from '../../../../shared/decide/admission.ts';
import { handlingOf } from '../../../../shared/decide/verdict.ts';
import { SAFE_POLICY } from '../../../../shared/model/partner-policy.ts';
import { anArrival } from '../../../support/builders.ts';

const admissionPolicy = { inboxBucket: 'inbox', temporarySuffixes: ['.filepart', '.part'] };

test('a file is admitted to the path of its key', () => {
  expect(admit(anArrival({ key: 'in/a.csv' }), admissionPolicy)).toEqual({
    kind: 'file',
    landingPath: 'in/a.csv',
  });
});

test('an empty object whose key ends in a slash is a folder', () => {
  expect(admit(anArrival({ key: 'in/', sizeBytes: 0 }), admissionPolicy)).toEqual({
    kind: 'folder',
    landingPath: 'in/',
  });
});

test('a folder with content is refused, since a file system cannot hold it', () => {
  expect(admit(anArrival({ key: 'in/', sizeBytes: 1 }), admissionPolicy)).toMatchObject({
    kind: 'refuse',
    code: 'KEY_UNSAFE',
  });
});

test.each(['a.filepart', 'A.FILEPART', 'deep/a.csv.part'])(
  'the temporary name %j is skipped',
  (key) => {
    expect(admit(anArrival({ key }), admissionPolicy)).toMatchObject({ kind: 'skip' });
  },
);

test.each(['part', 'a.partial', 'a.part.csv', 'a.part/b'])('%j is no temporary name', (key) => {
  expect(admit(anArrival({ key }), admissionPolicy)).toMatchObject({ kind: 'file' });
});

test('an unsafe key is refused even under a temporary name', () => {
  expect(admit(anArrival({ key: '../a.part' }), admissionPolicy)).toMatchObject({
    code: 'KEY_UNSAFE',
  });
});

test("another bucket's event is refused", () => {
  expect(admit(anArrival({ bucket: 'quarantine' }), admissionPolicy)).toMatchObject({
    code: 'EVENT_FOREIGN',
    reason: expect.stringContaining('quarantine'),
  });
});

const admitted = { kind: 'admit' };
const refused = (words: string) => ({
  kind: 'refuse',
  reason: expect.stringContaining(words),
});

test('without a policy everything comes in, and nothing unscannable is delivered', () => {
  expect(admitByPolicy(SAFE_POLICY, 'acme/a.exe', 1e12)).toEqual(admitted);
  expect(handlingOf(SAFE_POLICY, 'encrypted')).toBe('hold');
});

test('a file may be as large as the policy says, and no larger', () => {
  const policy = { unscannable: {}, maxSizeBytes: 10 };
  expect(admitByPolicy(policy, 'a', 10)).toEqual(admitted);
  expect(admitByPolicy(policy, 'a', 11)).toEqual(refused('11 bytes'));
});

test('endings count whatever their case, with all their dots', () => {
  const policy = { unscannable: {}, allowedExtensions: ['.csv', '.tar.gz'] };
  expect(admitByPolicy(policy, 'acme/A.CSV', 1)).toEqual(admitted);
  expect(admitByPolicy(policy, 'acme/a.tar.gz', 1)).toEqual(admitted);
  expect(admitByPolicy(policy, 'acme/a.gz', 1)).toEqual(refused('.csv, .tar.gz'));
  expect(admitByPolicy(policy, 'acme/csv', 1)).toEqual(refused('.csv, .tar.gz'));
  expect(admitByPolicy(policy, 'acme.csv/a', 1)).toEqual(refused('.csv, .tar.gz'));
});

test('a refused ending is refused also where it is allowed, too', () => {
  const policy = {
    unscannable: {},
    allowedExtensions: ['.zip', '.exe'],
    refusedExtensions: ['.exe'],
  };
  expect(admitByPolicy(policy, 'a.zip', 1)).toEqual(admitted);
  expect(admitByPolicy(policy, 'a.Exe', 1)).toEqual(refused('.exe'));
});

describe('a key lands at exactly its path', () => {
  test.each([
    'a',
    'a/b/c.txt',
    'file..name.txt',
    '...',
    '..a/b..',
    ' leading and trailing ',
    'Umläute/größer.csv',
    'a+b%20c#d?e',
    'back\\slash',
    'C:\\windows',
    '~root',
    'x'.repeat(255),
    `${'d/'.repeat(400)}file`,
  ])('%j', (key) => {
    expect(landingPathOf(key)).toEqual({ path: key, folder: false });
  });

  test('a final slash names a folder', () => {
    expect(landingPathOf('a/b/')).toEqual({ path: 'a/b/', folder: true });
  });
});

describe('a key that has no safe path is refused with the reason', () => {
  test.each([
    ['..', '".."'],
    ['../a', '".."'],
    ['a/../../b', '".."'],
    ['a/..', '".."'],
    ['a/../', '".."'],
    ['.', '"."'],
    ['a/./b', '"."'],
    ['/etc/passwd', 'starts with a slash'],
    ['/', 'starts with a slash'],
    ['a//b', 'empty path segment'],
    ['a//', 'empty path segment'],
    ['a\u0000b', 'control character'],
    ['a\nb', 'control character'],
    ['a\u007fb', 'control character'],
    ['a\u009bb', 'control character'],
    ['\ud800', 'not valid Unicode'],
    ['x'.repeat(256), '256 bytes long'],
    ['ü'.repeat(128), '256 bytes long'],
  ])('%j', (key, reason) => {
    expect(landingPathOf(key)).toEqual({ unsafe: expect.stringContaining(reason) });
  });
});

/** Any keys, and often those that are likely to cause trouble. */
const key = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc
    .array(fc.constantFrom('..', '.', '', 'a', 'b', '\\', '%2e%2e', '..\\', '\u0000', ' '), {
      minLength: 1,
    })
    .map((segments) => segments.join('/')),
);

test('no key leads outside the landing root', () => {
  const root = resolve('/landing');
  fc.assert(
    fc.property(key, (it) => {
      const landing = landingPathOf(it);
      if ('unsafe' in landing) return;
      const inside = relative(root, join(root, landing.path));
      expect(inside).not.toBe('');
      expect(inside.split('/')).not.toContain('..');
      expect(inside.startsWith('/')).toBe(false);
    }),
  );
});

test('two different keys never share a file', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      const [first, second] = [landingPathOf(one), landingPathOf(other)];
      if (one === other || 'unsafe' in first || 'unsafe' in second) return;
      if (first.folder !== second.folder) return; // the file system itself refuses the later one
      expect(join('/landing', first.path)).not.toBe(join('/landing', second.path));
    }),
  );
});
