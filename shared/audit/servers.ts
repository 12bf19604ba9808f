/** A Transfer Family server, as far as its endpoint goes. */
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

/** What a look at an account brought to light. */
export type Observation =
  | { readonly seen: 'server'; readonly server: TransferServer }
  | {
      readonly seen: 'unreadable server';
      readonly region: string;
      readonly serverId: string;
      readonly reason: string;
    }
  | { readonly seen: 'unreadable region'; readonly region: string; readonly reason: string }
  /** There is no Transfer Family in that region, hence no server. */
  | { readonly seen: 'region without Transfer'; readonly region: string }
  /** Nobody says which regions there are; only those named were looked at. */
  | {
      readonly seen: 'unlisted regions';
      readonly region: string;
      readonly reason: string;
      readonly lookedAt: readonly string[];
    };

/** The Transfer servers of an account. */
export interface Servers {
  /**
   * Every server of a region. What cannot be read is an observation, too, and ends nothing else.
   * Never throws.
   */
  observe(region: string, signal: AbortSignal): AsyncIterable<Observation>;
}

/** The regions of an account. */
export interface Regions {
  /** The one we are in. */
  home(): Promise<string>;
  /** Those that are enabled. @throws Error when nobody says which */
  enabled(signal: AbortSignal): Promise<readonly string[]>;
}
