import type { TransferServer } from '../../shared/audit/servers.ts';
import { assertNever } from '../../shared/platform/assert-never.ts';
import { type Destination, type NextStep, nextStep } from './next-step.ts';

/** The steps that are left, as far as nothing goes wrong; empty when it is there. Pure. */
export function plan(server: TransferServer, destination: Destination): readonly NextStep[] {
  const next = nextStep(server, destination);
  if (next.step === 'done') return [];
  if (next.step === 'refuse') return [next];
  return [next, ...plan(after(server, next, destination), destination)];
}

/** How the server is when a step has gone well. */
function after(server: TransferServer, next: NextStep, destination: Destination): TransferServer {
  switch (next.step) {
    case 'stop':
      return { ...server, state: 'STOPPING' };
    case 'start':
      return { ...server, state: 'STARTING' };
    case 'wait':
      return { ...server, state: next.until };
    case 'update':
      return {
        ...server,
        endpointType: 'VPC',
        vpcId: destination.vpcId,
        subnetIds: destination.subnetIds,
      };
    case 'refuse':
    case 'done':
      return server;
    default:
      return assertNever(next);
  }
}

/** One step in words, for an operator. */
export function stepWords(step: NextStep, destination: Destination): string {
  switch (step.step) {
    case 'stop':
      return 'stop it: nobody can log in from here on, and uploads under way are cut off';
    case 'wait':
      return `wait until it is ${step.until}`;
    case 'update':
      return `give it an endpoint in ${destination.vpcId} (${destination.subnetIds.join(', ')}), ${
        destination.securityGroupIds.length > 0
          ? `guarded by ${destination.securityGroupIds.join(', ')}`
          : "guarded by the VPC's default security group"
      }`;
    case 'start':
      return 'start it';
    case 'refuse':
      return `refuse: ${step.why}`;
    case 'done':
      return 'nothing';
    default:
      return assertNever(step);
  }
}

/** What a move changes for others. */
export const WARNINGS: readonly string[] = [
  'Partners who come from the internet no longer reach it: its public host name and addresses stop leading there.',
  'Tell them the new name first: that of the VPC endpoint, or one of your own in a private hosted zone.',
  'If CloudFormation or Terraform made the server, change it there, too: the next deployment would undo this.',
];
