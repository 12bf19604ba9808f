import {
  type DescribedServer,
  DescribeServerCommand,
  paginateListServers,
  type TransferClient,
} from '@aws-sdk/client-transfer';
import { describeError, errorCode } from '../platform/errors.ts';
import type { Observation, Servers, TransferServer } from './servers.ts';

/**
 * Lists Transfer Family's servers, region by region.
 *
 * @param clientOf a client for that region, which is destroyed after use
 * @param home where a DNS failure is an error; elsewhere it means that Transfer Family is not offered
 */
export function transferServers(
  clientOf: (region: string) => TransferClient,
  home: string,
): Servers {
  return {
    async *observe(region, signal) {
      const transfer = clientOf(region);
      try {
        const pages = paginateListServers({ client: transfer }, {}, { abortSignal: signal });
        for await (const { Servers: servers = [] } of pages) {
          for (const { ServerId } of servers) {
            if (ServerId) yield await inspect(transfer, region, ServerId, signal);
          }
        }
      } catch (error) {
        yield signal.aborted
          ? { kind: 'unreadable region', region, reason: 'it did not answer in time' }
          : unreadable(region, error, home);
      } finally {
        transfer.destroy();
      }
    },
  };
}

async function inspect(
  transfer: TransferClient,
  region: string,
  serverId: string,
  signal: AbortSignal,
): Promise<Observation> {
  try {
    return { kind: 'server', server: await describeServer(transfer, region, serverId, signal) };
  } catch (error) {
    return { kind: 'unreadable server', region, serverId, reason: describeError(error) };
  }
}

/** Only DescribeServer returns the addresses. @throws the SDK's errors */
export async function describeServer(
  transfer: TransferClient,
  region: string,
  serverId: string,
  signal: AbortSignal,
): Promise<TransferServer> {
  const command = new DescribeServerCommand({ ServerId: serverId });
  const { Server } = await transfer.send(command, { abortSignal: signal });
  return toTransferServer(Server ?? { Arn: undefined }, region, serverId);
}

function toTransferServer(server: DescribedServer, region: string, id: string): TransferServer {
  const { EndpointDetails: endpoint = {} } = server;
  return {
    region,
    id,
    arn: server.Arn ?? '',
    state: server.State ?? 'unknown',
    // AWS's default.
    endpointType: server.EndpointType ?? 'PUBLIC',
    protocols: server.Protocols ?? [],
    vpcId: endpoint.VpcId,
    subnetIds: endpoint.SubnetIds ?? [],
    vpcEndpointId: endpoint.VpcEndpointId,
    addressAllocationIds: endpoint.AddressAllocationIds ?? [],
  };
}

/** DNS has no name for Transfer Family in a region where it is not offered. */
function unreadable(region: string, error: unknown, home: string): Observation {
  return errorCode(error) === 'ENOTFOUND' && region !== home
    ? { kind: 'region without Transfer', region }
    : { kind: 'unreadable region', region, reason: describeError(error) };
}
