/** What clamd says of itself. */
export type EngineVersion = {
  /** `ClamAV 1.4.6` */
  readonly engine: string;
  /** Number of the daily signatures. */
  readonly signatures: string | undefined;
  /** Of the daily signatures, epoch milliseconds. */
  readonly builtAt: number | undefined;
};

/** clamd says `ClamAV 1.4.6/27500/Sat Nov 21 08:00:00 2026`, or the first part alone; in UTC. */
export function readEngineVersion(version: string): EngineVersion {
  const [engine = version, signatures, built] = version.split('/');
  const builtAt = Date.parse(`${built} UTC`);
  return {
    engine,
    signatures: signatures || undefined,
    builtAt: Number.isFinite(builtAt) ? builtAt : undefined,
  };
}
