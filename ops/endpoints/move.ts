import { setTimeout as sleep } from 'node:timers/promises';
import {
  StartServerCommand,
  StopServerCommand,
  type TransferClient,
  UpdateServerCommand,
} from '@aws-sdk/client-transfer';
import type { TransferServer } from '../../shared/audit/servers.ts';
import { describeServer } from '../../shared/audit/transfer-servers.ts';
import { assertNever } from '../../shared/platform/assert-never.ts';
import { type Destination, type NextStep, nextStep } from './next-step.ts';

export type MoveOptions = {
  /** Milliseconds that the server may take to stop, or to start. */
  readonly waitMs: number;
  /** Told of each step before it is taken. */
  readonly tell: (step: NextStep) => void;
};

/** AWS takes a minute or more; the first looks are soon, for whoever is faster. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Moves a server into a VPC, from wherever an earlier try has left it. Each step is chosen by a
 * fresh look; may be repeated.
 *
 * @throws Error when a step fails; the server is then how the next look finds it
 */
export async function move(
  transfer: TransferClient,
  server: { readonly region: string; readonly id: string },
  destination: Destination,
  options: MoveOptions,
  signal: AbortSignal,
): Promise<TransferServer> {
  const { region, id } = server;
  const look = () => describeServer(transfer, region, id, signal);
  const given = new Set<string>();
  for (;;) {
    const now = await look();
    const next = nextStep(now, destination);
    if (next.step === 'done') return now;
    if (next.step === 'refuse') throw new Error(next.why);
    if (next.step !== 'wait' && given.has(next.step)) {
      throw new Error(`AWS was told to ${next.step} it, and left it ${now.state}`);
    }
    given.add(next.step);
    options.tell(next);
    await take(transfer, id, next, destination, signal);
    await arrive(next, look, options.waitMs, signal);
  }
}

async function take(
  transfer: TransferClient,
  ServerId: string,
  { step }: NextStep,
  { vpcId, subnetIds, securityGroupIds }: Destination,
  abortSignal: AbortSignal,
): Promise<void> {
  switch (step) {
    case 'stop':
      await transfer.send(new StopServerCommand({ ServerId }), { abortSignal });
      return;
    case 'start':
      await transfer.send(new StartServerCommand({ ServerId }), { abortSignal });
      return;
    case 'update':
      await transfer.send(
        new UpdateServerCommand({
          ServerId,
          EndpointType: 'VPC',
          EndpointDetails: {
            VpcId: vpcId,
            SubnetIds: [...subnetIds],
            // Now or never: UpdateServer takes them with the change of the type alone.
            ...(securityGroupIds.length > 0 && { SecurityGroupIds: [...securityGroupIds] }),
          },
        }),
        { abortSignal },
      );
      return;
    case 'wait':
    case 'refuse':
    case 'done':
      return;
    default:
      assertNever(step);
  }
}

/** Waits until the server is where the step leads, or has failed to get there. */
async function arrive(
  step: NextStep,
  look: () => Promise<TransferServer>,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const server = await look();
    if (hasArrived(step, server)) return;
    if (Date.now() + pauseMs > until) {
      throw new Error(`it was still ${server.state} after ${waitMs / 1000} s`);
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

/** A look just after an order may still show the state before it. */
function hasArrived({ step }: NextStep, { state, endpointType }: TransferServer): boolean {
  switch (step) {
    case 'stop':
      return state === 'OFFLINE' || state === 'STOP_FAILED';
    case 'start':
      return state === 'ONLINE' || state === 'START_FAILED';
    case 'update':
      return endpointType === 'VPC';
    case 'wait':
      return state !== 'STARTING' && state !== 'STOPPING';
    case 'refuse':
    case 'done':
      return true;
    default:
      return assertNever(step);
  }
}
