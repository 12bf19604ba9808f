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
  /** Milliseconds for the server to stop, or to start. */
  readonly waitMs: number;
  /** Called before each step. */
  readonly onStep: (step: NextStep) => void;
};

/** AWS takes a minute or more; tests' stand-in is faster. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Moves a server into a VPC, from whatever state an earlier attempt left it in. Each step depends only
 * on the server's current state; may be repeated.
 *
 * @throws Error when a step fails; the server stays in the state it is in
 */
export async function move(
  transfer: TransferClient,
  server: { readonly region: string; readonly id: string },
  destination: Destination,
  options: MoveOptions,
  signal: AbortSignal,
): Promise<TransferServer> {
  const { region, id } = server;
  const describe = () => describeServer(transfer, region, id, signal);
  const taken = new Set<string>();
  for (;;) {
    const now = await describe();
    const next = nextStep(now, destination);
    if (next.step === 'done') return now;
    if (next.step === 'refuse') throw new Error(next.why);
    if (next.step !== 'wait' && taken.has(next.step)) {
      throw new Error(`the ${next.step} had no effect: it is ${now.state}`);
    }
    taken.add(next.step);
    options.onStep(next);
    await perform(transfer, id, next, destination, signal);
    await waitFor(next, describe, options.waitMs, signal);
  }
}

async function perform(
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
            // UpdateServer accepts them only together with the change of the type.
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

/** Waits until the step has ended, well or not. */
async function waitFor(
  step: NextStep,
  describe: () => Promise<TransferServer>,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const server = await describe();
    if (hasEnded(step, server)) return;
    if (Date.now() + pauseMs > until) {
      throw new Error(`it was still ${server.state} after ${waitMs / 1000} s`);
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

/** The state just after a request may still be the one before it. */
function hasEnded({ step }: NextStep, { state, endpointType }: TransferServer): boolean {
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
