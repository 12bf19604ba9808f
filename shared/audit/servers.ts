/** A Transfer Family server and its endpoint. */
export type TransferServer = {
  readonly region: string;
  readonly id: string;
  readonly arn: string;
  /** `ONLINE`, `OFFLINE`, `STARTING`, `STOPPING`, `START_FAILED` or `STOP_FAILED`. */
  readonly state: string;
  /** `PUBLIC`, `VPC` or `VPC_ENDPOINT`; AWS may add others. */
  readonly endpointType: string;
  readonly protocols: readonly string[];
  readonly vpcId: string | undefined;
  readonly subnetIds: readonly string[];
  readonly vpcEndpointId: string | undefined;
  /** Elastic IP addresses; a `VPC` endpoint with any is reachable from the internet. */
  readonly addressAllocationIds: readonly string[];
};

/** One thing that the audit found in an account. */
export type Observation =
  | { readonly kind: 'server'; readonly server: TransferServer }
  | {
      readonly kind: 'unreadable server';
      readonly region: string;
      readonly serverId: string;
      readonly reason: string;
    }
  | { readonly kind: 'unreadable region'; readonly region: string; readonly reason: string }
  /** Transfer Family is not offered in that region. */
  | { readonly kind: 'region without Transfer'; readonly region: string }
  /** The regions could not be listed; only those named were inspected. */
  | {
      readonly kind: 'unlisted regions';
      readonly region: string;
      readonly reason: string;
      readonly inspected: readonly string[];
    };

/** The Transfer servers of an account. */
export interface Servers {
  /**
   * Every server of a region. A server or region that cannot be read is an observation, too.
   * Never throws.
   */
  observe(region: string, signal: AbortSignal): AsyncIterable<Observation>;
}

/** The regions of an account. */
export interface Regions {
  /** The one this process runs in. */
  home(): Promise<string>;
  /** Those that are enabled. @throws Error when they cannot be listed */
  enabled(signal: AbortSignal): Promise<readonly string[]>;
}
