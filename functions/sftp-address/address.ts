import { setTimeout } from 'node:timers/promises';
import { DescribeVpcEndpointsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServerCommand, type TransferClient } from '@aws-sdk/client-transfer';

export type Address = { readonly dnsName: string; readonly hostedZoneId: string };
export type Clients = { readonly transfer: TransferClient; readonly ec2: EC2Client };

/**
 * The regional DNS name of a server's VPC endpoint, and its hosted zone, for an alias record. Retried,
 * since the server may have been created a moment ago.
 *
 * @throws Error when the server still has no VPC endpoint, or the endpoint no name
 */
export async function findAddress(
  serverId: string,
  clients: Clients,
  retry: { readonly tries: number; readonly pauseMs: number },
): Promise<Address> {
  for (let left = retry.tries - 1; ; left -= 1) {
    try {
      return await lookUp(serverId, clients);
    } catch (error) {
      if (left <= 0) throw error;
    }
    await setTimeout(retry.pauseMs);
  }
}

async function lookUp(serverId: string, { transfer, ec2 }: Clients): Promise<Address> {
  const { Server } = await transfer.send(new DescribeServerCommand({ ServerId: serverId }));
  const endpointId = Server?.EndpointDetails?.VpcEndpointId;
  if (endpointId === undefined) throw new Error(`the server ${serverId} has no VPC endpoint`);
  const { VpcEndpoints } = await ec2.send(
    new DescribeVpcEndpointsCommand({ VpcEndpointIds: [endpointId] }),
  );
  // The first entry is the regional name; each other one is a zone's.
  const { DnsName, HostedZoneId } = VpcEndpoints?.[0]?.DnsEntries?.[0] ?? {};
  if (DnsName === undefined || HostedZoneId === undefined) {
    throw new Error(`the endpoint ${endpointId} of the server ${serverId} has no DNS name`);
  }
  return { dnsName: DnsName, hostedZoneId: HostedZoneId };
}
