import { homeMappingsOf } from '../../shared/identity/session/home-mappings.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { isBelow } from '../../shared/identity/partner/paths.ts';

export type Collision = {
  readonly other: string;
  /** Both partners work below this place: `/bucket/folder`. */
  readonly place: string;
  /** Two tenants never share a folder; whoever shares sees what a tenant has there. */
  readonly severity: 'refuse' | 'warn';
};

/** Whose folders a partner's own would lie in, over or under. Those who share among themselves may. */
export function collisionsOf(
  partner: Partner,
  others: readonly Partner[],
  inboxBucket: string,
): readonly Collision[] {
  const places = placesOf(partner, inboxBucket);
  return others
    .filter(({ name }) => name !== partner.name)
    .filter(({ space }) => space === 'tenant' || partner.space === 'tenant')
    .flatMap((other) => {
      const place = common(places, placesOf(other, inboxBucket));
      if (place === undefined) return [];
      const areTenants = other.space === 'tenant' && partner.space === 'tenant';
      return [{ other: other.name, place, severity: areTenants ? 'refuse' : 'warn' } as const];
    });
}

/** Where a partner works, and where its files land. */
function placesOf(partner: Partner, inboxBucket: string): readonly string[] {
  const landing = `/${inboxBucket}/${partner.landingPrefix}`.replace(/\/$/, '');
  return [landing, ...homeMappingsOf(partner, inboxBucket).map(({ Target }) => Target)];
}

/** The deeper of two places of which one holds the other. */
function common(some: readonly string[], others: readonly string[]): string | undefined {
  for (const one of some) {
    for (const other of others) {
      if (isBelow(one, other)) return one;
      if (isBelow(other, one)) return other;
    }
  }
  return undefined;
}
