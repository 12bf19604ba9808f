import type { TransferServer } from '../../shared/audit/servers.ts';

/** Where a public server is to go. */
export type Destination = {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Empty: the default one of the VPC. */
  readonly securityGroupIds: readonly string[];
};

/** What has to be done next, judged by nothing but how the server is now. */
export type NextStep =
  | { readonly step: 'stop' }
  | { readonly step: 'wait'; readonly until: 'OFFLINE' | 'ONLINE' }
  | { readonly step: 'update' }
  | { readonly step: 'start' }
  | { readonly step: 'done' }
  | { readonly step: 'refuse'; readonly why: string };

/**
 * The safe way into a VPC: stop, wait until OFFLINE, update, start, wait until ONLINE. Pure, and by
 * the server's state alone, so that whoever was interrupted continues where the server is.
 */
export function nextStep(server: TransferServer, destination: Destination): NextStep {
  if (server.endpointType === 'PUBLIC') return towardsUpdate(server.state);
  if (isThere(server, destination)) return towardsOnline(server.state);
  const where =
    server.endpointType === 'VPC'
      ? `it is in ${server.vpcId ?? 'a VPC'} (${server.subnetIds.join(', ')}) already`
      : `its endpoint is of the type ${server.endpointType}`;
  return { step: 'refuse', why: `only a PUBLIC server is moved, and ${where}` };
}

/** While it runs its endpoint cannot change; in between AWS takes no order. */
function towardsUpdate(state: string): NextStep {
  switch (state) {
    case 'ONLINE':
    case 'STOP_FAILED':
      return { step: 'stop' };
    case 'STOPPING':
      return { step: 'wait', until: 'OFFLINE' };
    case 'STARTING':
      return { step: 'wait', until: 'ONLINE' };
    // It does not run, but only a stop makes AWS say so.
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
      return { step: 'refuse', why: 'it is in the VPC, but somebody failed to stop it' };
    default:
      return unknown(state);
  }
}

function unknown(state: string): NextStep {
  return { step: 'refuse', why: `its state is ${state}, which this command does not know` };
}

/** Security groups are not compared: DescribeServer does not tell them. */
function isThere(server: TransferServer, destination: Destination): boolean {
  return (
    server.endpointType === 'VPC' &&
    server.vpcId === destination.vpcId &&
    new Set(server.subnetIds).symmetricDifference(new Set(destination.subnetIds)).size === 0
  );
}
