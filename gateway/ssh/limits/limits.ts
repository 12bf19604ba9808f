/** Bounds on what clients can make the gateway use. */
export type Limits = {
  /** Connections at once, logged in or not. At 10 MB each, 200 are 2 GB. */
  readonly connections: number;
  /** Connections at once of one partner. rclone opens a dozen by itself. */
  readonly connectionsPerPartner: number;
  /** Connections at once from one address that have not logged in yet; OpenSSH begins to refuse at 10. */
  readonly halfOpenPerAddress: number;
  /** As OpenSSH's LoginGraceTime, but shorter. */
  readonly loginGraceMs: number;
  /** A connection without requests for this long is closed, as in AWS Transfer Family. */
  readonly idleMs: number;
  /** How long a file waits for memory that other files of its connection hold. */
  readonly memoryPatienceMs: number;
  /** Wrong secrets from one address, within `failureWindowMs`, after which it is refused. */
  readonly failuresPerAddress: number;
  /** Wrong passwords for one name, within `failureWindowMs`, after which guesses from strangers are delayed ... */
  readonly failuresPerName: number;
  /** ... by so long. */
  readonly nameDelayMs: number;
  /** How long a wrong secret counts. */
  readonly failureWindowMs: number;
};

export const DEFAULT_LIMITS: Limits = {
  connections: 200,
  connectionsPerPartner: 20,
  halfOpenPerAddress: 10,
  loginGraceMs: 30_000,
  idleMs: 30 * 60_000,
  memoryPatienceMs: 15_000,
  failuresPerAddress: 20,
  failuresPerName: 100,
  nameDelayMs: 5_000,
  failureWindowMs: 10 * 60_000,
};
