/** clamd's answer to VERSION, in parts. */
export type EngineVersion = {
  /** `ClamAV 1.4.6` */
  readonly engine: string;
  /** Number of the daily signatures. */
  readonly signatures: string | undefined;
  /** Of the daily signatures, epoch milliseconds. */
  readonly builtAt: number | undefined;
};

/** Reads `ClamAV 1.4.6/27500/Sat Nov 21 08:00:00 2026`, or its first part alone; times are UTC. */
export function readEngineVersion(version: string): EngineVersion {
  const [engine = version, signatures, built] = version.split('/');
  const builtAt = Date.parse(`${built} UTC`);
  return {
    engine,
    signatures: signatures || undefined,
    builtAt: Number.isFinite(builtAt) ? builtAt : undefined,
  };
}
