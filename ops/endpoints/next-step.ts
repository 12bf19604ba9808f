import type { TransferServer } from '../../shared/audit/servers.ts';

/** Where a public server is to be moved. */
export type Destination = {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Empty: the VPC's default group. */
  readonly securityGroupIds: readonly string[];
};

/** What has to be done next, by the server's current state alone. */
export type NextStep =
  | { readonly step: 'stop' }
  | { readonly step: 'wait'; readonly until: 'OFFLINE' | 'ONLINE' }
  | { readonly step: 'update' }
  | { readonly step: 'start' }
  | { readonly step: 'done' }
  | { readonly step: 'refuse'; readonly why: string };

/**
 * The safe way into a VPC: stop, wait until OFFLINE, update, start, wait until ONLINE. Pure, and by
 * the server's state alone, so that an interrupted move can be continued.
 */
export function nextStep(server: TransferServer, destination: Destination): NextStep {
  if (server.endpointType === 'PUBLIC') return towardsUpdate(server.state);
  if (isThere(server, destination)) return towardsOnline(server.state);
  const where =
    server.endpointType === 'VPC'
      ? `it is already in ${server.vpcId ?? 'a VPC'} (${server.subnetIds.join(', ')})`
      : `its endpoint is of the type ${server.endpointType}`;
  return { step: 'refuse', why: `only a PUBLIC server is moved, and ${where}` };
}

/** Its endpoint cannot change while it runs; while it starts or stops, AWS accepts no request. */
function towardsUpdate(state: string): NextStep {
  switch (state) {
    case 'ONLINE':
    case 'STOP_FAILED':
      return { step: 'stop' };
    case 'STOPPING':
      return { step: 'wait', until: 'OFFLINE' };
    case 'STARTING':
      return { step: 'wait', until: 'ONLINE' };
    // It is not running, but only a stop makes it OFFLINE.
    case 'START_FAILED':
      return { step: 'stop' };
    case 'OFFLINE':
      return { step: 'update' };
    default:
      return unknown(state);
  }
}

function towardsOnline(state: string): NextStep {
  switch (state) {
    case 'ONLINE':
      return { step: 'done' };
    case 'OFFLINE':
    case 'START_FAILED':
      return { step: 'start' };
    case 'STARTING':
      return { step: 'wait', until: 'ONLINE' };
    case 'STOPPING':
      return { step: 'wait', until: 'OFFLINE' };
    case 'STOP_FAILED':
      return { step: 'refuse', why: 'it is in the VPC, but stopping it failed' };
    default:
      return unknown(state);
  }
}

function unknown(state: string): NextStep {
  return { step: 'refuse', why: `its state ${state} is unknown to this command` };
}

/** Security groups are not compared: DescribeServer does not return them. */
function isThere(server: TransferServer, destination: Destination): boolean {
  return (
    server.endpointType === 'VPC' &&
    server.vpcId === destination.vpcId &&
    new Set(server.subnetIds).symmetricDifference(new Set(destination.subnetIds)).size === 0
  );
}
