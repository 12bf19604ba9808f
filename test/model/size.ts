/** How much happens in a world. The seed determines it; failures in small worlds are easier to read. */
export type Size = {
  readonly keys: number;
  /** What partners do: uploads, renames, deletions. */
  readonly deeds: number;
  readonly workers: number;
  readonly maxReceiveCount: number;
  /** How often at most: a worker dies, a port fails, an event comes twice or is lost ... */
  readonly deaths: number;
  readonly failures: number;
  readonly duplicates: number;
  readonly losses: number;
  /** ... a message comes back while its worker is still busy with it, the sweep runs midway. */
  readonly slowness: number;
  readonly sweeps: number;
};

const still = { deaths: 0, failures: 0, duplicates: 0, losses: 0, slowness: 0, sweeps: 0 };
const calm: Size = { keys: 1, deeds: 2, workers: 1, maxReceiveCount: 6, ...still };

/** Smallest first. */
export const SIZES: readonly Size[] = [
  calm,
  { ...calm, workers: 2, deeds: 3 },
  { ...calm, workers: 2, deeds: 3, duplicates: 1, losses: 1 },
  { ...calm, workers: 3, deeds: 5, deaths: 2 },
  { ...calm, workers: 2, deeds: 3, deaths: 2, duplicates: 1, slowness: 1, sweeps: 1 },
  { ...calm, workers: 3, deeds: 4, failures: 3, duplicates: 1, sweeps: 1, maxReceiveCount: 2 },
  { ...calm, workers: 3, deeds: 5, keys: 2 },
  {
    keys: 3,
    deeds: 7,
    workers: 4,
    maxReceiveCount: 3,
    deaths: 2,
    failures: 2,
    duplicates: 2,
    losses: 1,
    slowness: 2,
    sweeps: 1,
  },
];

export function sizeOf(seed: number): Size {
  return SIZES[seed % SIZES.length] ?? calm;
}

/** Where each message is handled once and to its end, each upload has one ending and no more. */
export function isCalm({ deaths, failures, duplicates, slowness, sweeps }: Size): boolean {
  return deaths + failures + duplicates + slowness + sweeps === 0;
}

/** Where no upload is handled by two workers at once. */
export function isOneByOne({ duplicates, slowness, sweeps }: Size): boolean {
  return duplicates + slowness + sweeps === 0;
}
