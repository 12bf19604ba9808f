import { expect, test } from 'vitest';
import { customName } from '../../../../shared/signatures/custom-files.ts';

test.each(['acme.ndb', 'acme.ldb', 'Acme-2.hdb', 'a.hsb', 'a.sfp', 'a.fp', 'a.ign2'])(
  'custom/%s is loaded under a name that freshclam does not use',
  (name) => {
    expect(customName(`custom/${name}`)).toBe(`custom-${name}`);
  },
);

test.each([
  'acme.txt',
  'acme.NDB',
  'daily.cvd',
  'rules.yara',
  'folder/acme.ndb',
  '.ndb',
  'a b.ndb',
])('custom/%s is refused, since clamd would ignore it', (name) => {
  expect(() => customName(`custom/${name}`)).toThrow(`custom/${name} is not a signature file`);
});
