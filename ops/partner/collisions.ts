import { homeMappingsOf } from '../../shared/identity/session/home-mappings.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { isBelow } from '../../shared/identity/partner/paths.ts';

export type Collision = {
  readonly other: string;
  /** Both partners have access below this place: `/bucket/folder`. */
  readonly place: string;
  /** Two tenants must not share a folder; a shared partner sees a tenant's files. */
  readonly severity: 'refuse' | 'warn';
};

/** The partners whose folders are equal to, above or below this one's. Shared partners may overlap. */
export function findCollisions(
  partner: Partner,
  others: readonly Partner[],
  inboxBucket: string,
): readonly Collision[] {
  const places = placesOf(partner, inboxBucket);
  return others
    .filter(({ name }) => name !== partner.name)
    .filter(({ space }) => space === 'tenant' || partner.space === 'tenant')
    .flatMap((other) => {
      const place = findOverlap(places, placesOf(other, inboxBucket));
      if (place === undefined) return [];
      const areTenants = other.space === 'tenant' && partner.space === 'tenant';
      return [{ other: other.name, place, severity: areTenants ? 'refuse' : 'warn' } as const];
    });
}

/** A partner's landing folder and home directories. */
function placesOf(partner: Partner, inboxBucket: string): readonly string[] {
  const landing = `/${inboxBucket}/${partner.landingPrefix}`.replace(/\/$/, '');
  return [landing, ...homeMappingsOf(partner, inboxBucket).map(({ Target }) => Target)];
}

/** The deeper one of the first overlapping pair. */
function findOverlap(some: readonly string[], others: readonly string[]): string | undefined {
  for (const one of some) {
    for (const other of others) {
      if (isBelow(one, other)) return one;
      if (isBelow(other, one)) return other;
    }
  }
  return undefined;
}
