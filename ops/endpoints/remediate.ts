import { TransferClient } from '@aws-sdk/client-transfer';
import type { TransferServer } from '../../shared/audit/servers.ts';
import { describeServer } from '../../shared/audit/transfer-servers.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import type { Output } from '../output.ts';
import { regionOf } from './account.ts';
import { move } from './move.ts';
import type { Destination } from './next-step.ts';
import { plan, stepWords, WARNINGS } from './plan.ts';

export type Remedy = {
  readonly serverId: string;
  /** `undefined`: the environment's. */
  readonly region: string | undefined;
  readonly destination: Destination;
  /** `false` only says what would be done. */
  readonly apply: boolean;
  /** Milliseconds for each of stop and start. */
  readonly waitMs: number;
};

const LOOK_TIME_MS = 30_000;

/**
 * Moves a public server into a VPC, or says how. Ctrl-C ends it as a failure does: it says how the
 * server is, and how to go on.
 *
 * @throws OpsError
 */
export async function remediate(remedy: Remedy, out: Output): Promise<void> {
  const { serverId, destination, apply } = remedy;
  const transfer = new TransferClient(remedy.region === undefined ? {} : { region: remedy.region });
  try {
    const region = await regionOf(transfer);
    const look = () =>
      describeServer(transfer, region, serverId, AbortSignal.timeout(LOOK_TIME_MS));
    const server = await look();
    const steps = plan(server, destination);
    const refusal = steps.find((step) => step.step === 'refuse');
    if (refusal) throw new OpsError(`${serverId} is not moved`, { why: refusal.why });
    const command = commandLine(remedy, region);
    const words = steps.map((step) => stepWords(step, destination));
    if (!apply || steps.length === 0) {
      out.show({ server, steps: words, applied: false }, () => planWords(server, words, command));
      return;
    }
    out.note(WARNINGS.join('\n'));
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort(new Error('interrupted'));
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      const moved = await move(
        transfer,
        server,
        destination,
        {
          waitMs: remedy.waitMs,
          tell: (step) => out.note(`${serverId}: ${stepWords(step, destination)}`),
        },
        interrupted.signal,
      );
      out.show({ server: moved, steps: words, applied: true }, () => doneWords(moved));
    } catch (cause) {
      const why = interrupted.signal.aborted ? 'it was interrupted' : describeError(cause);
      throw halfWay(serverId, why, await look().catch(() => undefined), command, cause);
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  } finally {
    transfer.destroy();
  }
}

/** Whatever was asked for, to the letter, so that it can be given again. */
function commandLine({ serverId, destination, waitMs }: Remedy, region: string): string {
  const { vpcId, subnetIds, securityGroupIds } = destination;
  return [
    `npm run ops -- endpoints audit --region ${region} --remediate ${serverId}`,
    `--vpc ${vpcId} --subnets ${subnetIds.join(',')}`,
    ...(securityGroupIds.length > 0 ? [`--security-groups ${securityGroupIds.join(',')}`] : []),
    `--wait-s ${waitMs / 1000} --yes`,
  ].join(' ');
}

function planWords(server: TransferServer, steps: readonly string[], command: string): string {
  const { id, endpointType, state } = server;
  if (steps.length === 0) return `${id} is ${state} in ${server.vpcId} already: nothing to do.`;
  return [
    `${id} is ${endpointType} and ${state}. Nothing was changed. What would be done:`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    '',
    ...WARNINGS,
    '',
    'To do it:',
    `  ${command}`,
  ].join('\n');
}

function doneWords({ id, state, vpcId, vpcEndpointId }: TransferServer): string {
  const name = vpcEndpointId ?? 'its VPC endpoint';
  return `${id} is ${state} in ${vpcId}. Its names and addresses are those of ${name}: aws ec2 describe-vpc-endpoints --vpc-endpoint-ids ${vpcEndpointId ?? 'ID'}`;
}

function halfWay(
  id: string,
  why: string,
  server: TransferServer | undefined,
  command: string,
  cause: unknown,
): OpsError {
  const state = server
    ? `it is ${server.state} now, its endpoint ${server.endpointType}${server.state === 'ONLINE' ? '' : ': NOBODY CAN LOG IN'}`
    : 'how it is now could not be seen; it may be stopped';
  return new OpsError(
    `the move of ${id} stopped half-way: ${state}`,
    {
      why,
      how: `continue where it is with: ${command}\nor start it as it is with: aws transfer start-server --server-id ${id}`,
      exitCode: EXIT.failed,
    },
    { cause },
  );
}
