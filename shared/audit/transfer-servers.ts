import {
  type DescribedServer,
  DescribeServerCommand,
  paginateListServers,
  type TransferClient,
} from '@aws-sdk/client-transfer';
import { describeError, errorCode } from '../platform/errors.ts';
import type { Observation, Servers, TransferServer } from './servers.ts';

/**
 * Asks Transfer Family, region by region.
 *
 * @param clientOf a client for that region, which is destroyed after use
 * @param home where a missing name is an accident, and not a region without Transfer Family
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
            if (ServerId) yield await look(transfer, region, ServerId, signal);
          }
        }
      } catch (error) {
        yield signal.aborted
          ? { seen: 'unreadable region', region, reason: 'it did not answer in time' }
          : unreadable(region, error, home);
      } finally {
        transfer.destroy();
      }
    },
  };
}

async function look(
  transfer: TransferClient,
  region: string,
  serverId: string,
  signal: AbortSignal,
): Promise<Observation> {
  try {
    return { seen: 'server', server: await describeServer(transfer, region, serverId, signal) };
  } catch (error) {
    return { seen: 'unreadable server', region, serverId, reason: describeError(error) };
  }
}

/** Only DescribeServer tells the addresses. @throws the SDK's errors */
export async function describeServer(
  transfer: TransferClient,
  region: string,
  serverId: string,
  signal: AbortSignal,
): Promise<TransferServer> {
  const command = new DescribeServerCommand({ ServerId: serverId });
  const { Server } = await transfer.send(command, { abortSignal: signal });
  return worded(Server ?? { Arn: undefined }, region, serverId);
}

function worded(server: DescribedServer, region: string, id: string): TransferServer {
  const { EndpointDetails: endpoint = {} } = server;
  return {
    region,
    id,
    arn: server.Arn ?? '',
    state: server.State ?? 'unknown',
    // PUBLIC is what AWS makes of a server that names none.
    endpointType: server.EndpointType ?? 'PUBLIC',
    protocols: server.Protocols ?? [],
    vpcId: endpoint.VpcId,
    subnetIds: endpoint.SubnetIds ?? [],
    vpcEndpointId: endpoint.VpcEndpointId,
    addressAllocationIds: endpoint.AddressAllocationIds ?? [],
  };
}

/** A region without Transfer Family has no name in DNS for it. */
function unreadable(region: string, error: unknown, home: string): Observation {
  return errorCode(error) === 'ENOTFOUND' && region !== home
    ? { seen: 'region without Transfer', region }
    : { seen: 'unreadable region', region, reason: describeError(error) };
}
