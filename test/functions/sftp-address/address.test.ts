import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { EC2Client } from '@aws-sdk/client-ec2';
import { TransferClient } from '@aws-sdk/client-transfer';
import { expect, test } from 'vitest';
import { findAddress } from '../../../functions/sftp-address/address.ts';

const ENDPOINTS = `<DescribeVpcEndpointsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>r</requestId>
  <vpcEndpointSet><item>
    <vpcEndpointId>vpce-1</vpcEndpointId>
    <dnsEntrySet>
      <item><dnsName>vpce-1.vpce-svc-1.eu-central-1.vpce.amazonaws.com</dnsName><hostedZoneId>Z1</hostedZoneId></item>
      <item><dnsName>vpce-1-eu-central-1a.vpce-svc-1.eu-central-1.vpce.amazonaws.com</dnsName><hostedZoneId>Z1</hostedZoneId></item>
    </dnsEntrySet>
  </item></vpcEndpointSet>
</DescribeVpcEndpointsResponse>`;

const UNNAMED = ENDPOINTS.replace(/<dnsEntrySet>[^]*<\/dnsEntrySet>/, '<dnsEntrySet/>');
const ONCE = { tries: 1, pauseMs: 0 };

/** Transfer's and EC2's answers on the wire, in the shapes that their API references document. */
async function openApi(server: object, ...endpoints: readonly string[]) {
  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.headers['x-amz-target'];
    const isTransfer = typeof target === 'string';
    asked.push(isTransfer ? target : await text(request));
    response.setHeader('content-type', isTransfer ? 'application/x-amz-json-1.1' : 'text/xml');
    const described = asked.filter((each) => each.startsWith('Action=')).length;
    const xml = endpoints[described - 1] ?? endpoints.at(-1) ?? ENDPOINTS;
    response.end(isTransfer ? JSON.stringify({ Server: server }) : xml);
  };
  const http = createServer((request, response) => void answer(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const settings = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  };
  const clients = { transfer: new TransferClient(settings), ec2: new EC2Client(settings) };
  return {
    asked,
    clients,
    async [Symbol.asyncDispose]() {
      clients.transfer.destroy();
      clients.ec2.destroy();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

test("the address is the regional name of the server's endpoint", async () => {
  await using api = await openApi({
    Arn: 'arn:server',
    EndpointDetails: { VpcEndpointId: 'vpce-1', VpcId: 'vpc-1' },
  });
  expect(await findAddress('s-1234567890abcdef0', api.clients, ONCE)).toEqual({
    dnsName: 'vpce-1.vpce-svc-1.eu-central-1.vpce.amazonaws.com',
    hostedZoneId: 'Z1',
  });
  expect(api.asked[0]).toBe('TransferService.DescribeServer');
  expect(api.asked[1]).toContain('VpcEndpointId.1=vpce-1');
});

test('a server that is not in a VPC is an error that names it', async () => {
  await using api = await openApi({ Arn: 'arn:server' });
  await expect(findAddress('s-1234567890abcdef0', api.clients, ONCE)).rejects.toThrow(
    'the server s-1234567890abcdef0 has no VPC endpoint',
  );
});

test('an endpoint without a DNS name is an error that names it', async () => {
  await using api = await openApi(
    { Arn: 'arn:server', EndpointDetails: { VpcEndpointId: 'vpce-1' } },
    UNNAMED,
  );
  await expect(findAddress('s-1234567890abcdef0', api.clients, ONCE)).rejects.toThrow(
    'has no DNS name',
  );
});

test('the lookup is retried while a new endpoint has no name', async () => {
  const server = { Arn: 'arn:server', EndpointDetails: { VpcEndpointId: 'vpce-1' } };
  await using api = await openApi(server, UNNAMED, UNNAMED, ENDPOINTS);
  const { hostedZoneId } = await findAddress('s-1', api.clients, { tries: 3, pauseMs: 1 });
  expect(hostedZoneId).toBe('Z1');
});
