import type { TransferServer } from '../../shared/audit/servers.ts';
import { assertNever } from '../../shared/platform/assert-never.ts';
import { type Destination, type NextStep, nextStep } from './next-step.ts';

/** The remaining steps if all go well; empty when it is already there. Pure. */
export function plan(server: TransferServer, destination: Destination): readonly NextStep[] {
  const next = nextStep(server, destination);
  if (next.step === 'done') return [];
  if (next.step === 'refuse') return [next];
  return [next, ...plan(after(server, next, destination), destination)];
}

/** The server after a successful step. */
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

/** One step, for an operator. */
export function formatStep(step: NextStep, destination: Destination): string {
  switch (step.step) {
    case 'stop':
      return 'stop it: from here on nobody can log in, and running uploads are aborted';
    case 'wait':
      return `wait until it is ${step.until}`;
    case 'update':
      return `give it an endpoint in ${destination.vpcId} (${destination.subnetIds.join(', ')}), ${
        destination.securityGroupIds.length > 0
          ? `with the security groups ${destination.securityGroupIds.join(', ')}`
          : "with the VPC's default security group"
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

/** How a move affects others. */
export const WARNINGS: readonly string[] = [
  'Partners can no longer reach it over the internet: its public host name and addresses stop working.',
  'Tell them the new name first: that of the VPC endpoint, or one of your own in a private hosted zone.',
  'If the server is managed by CloudFormation or Terraform, change it there, too: the next deployment would undo this.',
];
