import { TransferClient } from '@aws-sdk/client-transfer';
import type { TransferServer } from '../../shared/audit/servers.ts';
import { describeServer } from '../../shared/audit/transfer-servers.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { act } from '../act.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import type { Output } from '../output.ts';
import { regionOf } from './account.ts';
import { move } from './move.ts';
import type { Destination, NextStep } from './next-step.ts';
import { formatStep, plan, WARNINGS } from './plan.ts';

export type Remedy = {
  readonly serverId: string;
  /** Default: the environment's. */
  readonly region: string | undefined;
  readonly destination: Destination;
  /** Why it is done, as it is recorded; `false` only shows the plan. */
  readonly apply: false | { readonly reason: string | undefined };
  /** Milliseconds for each of stop and start. */
  readonly waitMs: number;
};

const DESCRIBE_TIME_MS = 30_000;

/**
 * Moves a public server into a VPC, or shows the plan. Ctrl-C is reported as a failure: with the
 * server's state, and how to continue.
 *
 * @throws OpsError
 */
export async function remediate(remedy: Remedy, out: Output): Promise<void> {
  const { serverId, destination, apply } = remedy;
  const transfer = new TransferClient(remedy.region === undefined ? {} : { region: remedy.region });
  try {
    const region = await regionOf(transfer);
    const describe = () =>
      describeServer(transfer, region, serverId, AbortSignal.timeout(DESCRIBE_TIME_MS));
    const server = await describe();
    const steps = plan(server, destination);
    const refusal = steps.find((step) => step.step === 'refuse');
    if (refusal) throw new OpsError(`${serverId} is not moved`, { why: refusal.why });
    const command = commandLine(remedy, region);
    const texts = steps.map((step) => formatStep(step, destination));
    if (!apply || steps.length === 0) {
      out.show({ server, steps: texts, applied: false }, () => formatPlan(server, texts, command));
      return;
    }
    out.note(WARNINGS.join('\n'));
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort(new Error('interrupted'));
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      const { waitMs } = remedy;
      const place = { target: { kind: 'aws', settings: () => ({ region }) }, out } as const;
      const parameters = { remediate: serverId, region, ...destination };
      const { reason } = apply;
      const moved = await act(
        place,
        { command: 'endpoints audit', reason, parameters },
        async (note) => {
          let isNoted = false;
          const onStep = (step: NextStep): void => {
            if (!isNoted) note({ kind: 'server', id: serverId });
            isNoted = true;
            out.note(`${serverId}: ${formatStep(step, destination)}`);
          };
          return await move(transfer, server, destination, { waitMs, onStep }, interrupted.signal);
        },
      );
      out.show({ server: moved, steps: texts, applied: true }, () => formatDone(moved));
    } catch (cause) {
      const why = interrupted.signal.aborted ? 'it was interrupted' : describeError(cause);
      throw interruptedMove(serverId, why, await describe().catch(() => undefined), command, cause);
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  } finally {
    transfer.destroy();
  }
}

/** The command with all its options, so that it can be repeated. */
function commandLine({ serverId, destination, waitMs }: Remedy, region: string): string {
  const { vpcId, subnetIds, securityGroupIds } = destination;
  return [
    `npm run ops -- endpoints audit --region ${region} --remediate ${serverId}`,
    `--vpc ${vpcId} --subnets ${subnetIds.join(',')}`,
    ...(securityGroupIds.length > 0 ? [`--security-groups ${securityGroupIds.join(',')}`] : []),
    `--wait-s ${waitMs / 1000} --yes`,
  ].join(' ');
}

function formatPlan(server: TransferServer, steps: readonly string[], command: string): string {
  const { id, endpointType, state } = server;
  if (steps.length === 0) return `${id} is already ${state} in ${server.vpcId}: nothing to do.`;
  return [
    `${id} is ${endpointType} and ${state}. Nothing was changed. Plan:`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    '',
    ...WARNINGS,
    '',
    'To run it:',
    `  ${command}`,
  ].join('\n');
}

function formatDone({ id, state, vpcId, vpcEndpointId }: TransferServer): string {
  const name = vpcEndpointId ?? 'its VPC endpoint';
  return `${id} is ${state} in ${vpcId}. Its names and addresses are those of ${name}: aws ec2 describe-vpc-endpoints --vpc-endpoint-ids ${vpcEndpointId ?? 'ID'}`;
}

function interruptedMove(
  id: string,
  why: string,
  server: TransferServer | undefined,
  command: string,
  cause: unknown,
): OpsError {
  const state = server
    ? `it is now ${server.state}, its endpoint ${server.endpointType}${server.state === 'ONLINE' ? '' : ': NOBODY CAN LOG IN'}`
    : 'its current state could not be read; it may be stopped';
  return new OpsError(
    `the move of ${id} stopped half-way: ${state}`,
    {
      why,
      how: `continue with: ${command}\nor start it as it is with: aws transfer start-server --server-id ${id}`,
      exitCode: EXIT.failed,
    },
    { cause },
  );
}
