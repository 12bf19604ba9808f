import { expect, test } from 'vitest';
import { findCollisions } from '../../../../ops/partner/collisions.ts';
import type { Partner } from '../../../../shared/identity/partner/partner.ts';
import { aPartner } from '../../../support/partners.ts';

const tenant = (name: string, landingPrefix: string, over: Partial<Partner> = {}): Partner =>
  aPartner({ name, landingPrefix, ...over });
const shared = (name: string, landingPrefix: string): Partner =>
  tenant(name, landingPrefix, { space: 'shared' });
const collide = (one: Partner, other: Partner) => findCollisions(one, [other], 'inbox');

test("sibling folders do not collide, even if one's name is a prefix of the other's", () => {
  expect(collide(tenant('one', 'acme/'), tenant('two', 'acme2/'))).toEqual([]);
});

test("a tenant above, below or in another tenant's folder is refused", () => {
  for (const prefix of ['a/b/', 'a/', 'a/b/c/']) {
    expect(collide(tenant('one', 'a/b/'), tenant('two', prefix))).toMatchObject([
      { other: 'two', severity: 'refuse' },
    ]);
  }
});

test('a shared partner above a tenant is a warning, two shared ones are fine', () => {
  expect(collide(tenant('one', 'a/'), shared('two', ''))).toEqual([
    { other: 'two', place: '/inbox/a', severity: 'warn' },
  ]);
  expect(collide(shared('one', ''), tenant('two', 'a/'))).toMatchObject([{ severity: 'warn' }]);
  expect(collide(shared('one', 'a/'), shared('two', 'a/'))).toEqual([]);
});

test('home directories count as well as the landing folder, in every bucket', () => {
  const homes = (target: string) => ({ homeDirectories: [{ entry: '/x', target }] });
  const one = tenant('one', 'one/', homes('/outbound/one'));
  expect(collide(one, tenant('two', 'two/', homes('/outbound/one/sub')))).toHaveLength(1);
  expect(collide(one, tenant('two', 'two/', homes('/${inbox}/one')))).toHaveLength(1);
  expect(collide(one, tenant('two', 'two/', homes('/outbound/two')))).toEqual([]);
});

test('a partner does not collide with itself', () => {
  expect(collide(tenant('one', 'a/'), tenant('one', 'a/'))).toEqual([]);
});
