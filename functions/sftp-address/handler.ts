import { EC2Client } from '@aws-sdk/client-ec2';
import { TransferClient } from '@aws-sdk/client-transfer';
import * as v from 'valibot';
import { answerCloudFormation } from '../../shared/platform/custom-resource.ts';
import { findAddress } from './address.ts';
import { Properties } from './config.ts';

/** 90 s of the function's 120 s. */
const RETRY = { tries: 18, pauseMs: 5_000 };

// Once per cold start: build the clients.
const clients = { transfer: new TransferClient({}), ec2: new EC2Client({}) };

/** Called by CloudFormation through Lambda, while the stack is deployed. May be repeated. */
export async function handler(event: unknown): Promise<void> {
  await answerCloudFormation(event, async (properties) => {
    const { ServerId } = v.parse(Properties, properties);
    const { dnsName, hostedZoneId } = await findAddress(ServerId, clients, RETRY);
    return {
      physicalId: `${ServerId}-address`,
      attributes: { DnsName: dnsName, HostedZoneId: hostedZoneId },
    };
  });
}
