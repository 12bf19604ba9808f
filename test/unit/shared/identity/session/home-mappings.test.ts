import { expect, test } from 'vitest';
import {
  homeMappingsOf,
  objectAt,
  startOf,
} from '../../../../../shared/identity/session/home-mappings.ts';
import { aPartner } from '../../../../support/partners.ts';

test('the landing folder is the default home', () => {
  expect(homeMappingsOf(aPartner(), 'inbox')).toEqual([{ Entry: '/', Target: '/inbox/acme' }]);
  const whole = aPartner({ landingPrefix: '', space: 'shared' });
  expect(homeMappingsOf(whole, 'inbox')).toEqual([{ Entry: '/', Target: '/inbox' }]);
});

test("the inbox's name is substituted, whatever characters it has", () => {
  const homeDirectories = [{ entry: '/in', target: '/${inbox}/x' }];
  const homes = homeMappingsOf(aPartner({ homeDirectories }), 'a$&b');
  expect(homes).toEqual([{ Entry: '/in', Target: '/a$&b/x' }]);
});

test('a path names an object of the home it is in', () => {
  const homes = [
    { Entry: '/in', Target: '/inbox/acme' },
    { Entry: '/out', Target: '/outbound' },
  ];
  expect(objectAt('/in/a/b.csv', homes)).toEqual({ bucket: 'inbox', key: 'acme/a/b.csv' });
  expect(objectAt('/out/b.csv', homes)).toEqual({ bucket: 'outbound', key: 'b.csv' });
  expect(objectAt('/inn/b.csv', homes)).toBeUndefined();
  expect(objectAt('/b.csv', homes)).toBeUndefined();
  expect(objectAt('/b.csv', [{ Entry: '/', Target: '/inbox' }])).toEqual({
    bucket: 'inbox',
    key: 'b.csv',
  });
});

test('a home path is a real path, where the session begins', () => {
  const partner = aPartner({ homePath: '/${inbox}/acme/in' });
  const homes = homeMappingsOf(partner, 'a$&b');
  expect(homes).toEqual([{ Entry: '/a$&b/acme/in', Target: '/a$&b/acme/in' }]);
  expect(startOf(partner, 'a$&b')).toBe('/a$&b/acme/in');
  expect(startOf(aPartner(), 'inbox')).toBe('/');
  expect(objectAt('/a$&b/acme/in/x.csv', homes)).toEqual({
    bucket: 'a$&b',
    key: 'acme/in/x.csv',
  });
});
