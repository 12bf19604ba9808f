import { setTimeout } from 'node:timers/promises';
import { DescribeVpcEndpointsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServerCommand, type TransferClient } from '@aws-sdk/client-transfer';

export type Address = { readonly dnsName: string; readonly hostedZoneId: string };
export type Clients = { readonly transfer: TransferClient; readonly ec2: EC2Client };

/**
 * The DNS name of the endpoint that Transfer made for a server, in every zone at once, and the
 * hosted zone it is in: what an alias record needs. It is asked for again while it is not there: the
 * server may have been made a moment ago.
 *
 * @throws Error when the server still has no endpoint in a VPC, or the endpoint no name
 */
export async function addressOf(
  serverId: string,
  clients: Clients,
  patience: { readonly tries: number; readonly pauseMs: number },
): Promise<Address> {
  for (let left = patience.tries - 1; ; left -= 1) {
    try {
      return await lookUp(serverId, clients);
    } catch (error) {
      if (left <= 0) throw error;
    }
    await setTimeout(patience.pauseMs);
  }
}

async function lookUp(serverId: string, { transfer, ec2 }: Clients): Promise<Address> {
  const { Server } = await transfer.send(new DescribeServerCommand({ ServerId: serverId }));
  const endpointId = Server?.EndpointDetails?.VpcEndpointId;
  if (endpointId === undefined) throw new Error(`the server ${serverId} has no endpoint in a VPC`);
  const { VpcEndpoints } = await ec2.send(
    new DescribeVpcEndpointsCommand({ VpcEndpointIds: [endpointId] }),
  );
  // The first entry is the regional name; the others are of one zone each.
  const { DnsName, HostedZoneId } = VpcEndpoints?.[0]?.DnsEntries?.[0] ?? {};
  if (DnsName === undefined || HostedZoneId === undefined) {
    throw new Error(`the endpoint ${endpointId} of the server ${serverId} has no DNS name`);
  }
  return { dnsName: DnsName, hostedZoneId: HostedZoneId };
}
