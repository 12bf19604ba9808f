import type { TransferServer } from '../../shared/audit/servers.ts';
import type { Arrival, PinnedObject } from '../../shared/model/arrival.ts';
import type { Message } from '../../shared/model/message.ts';

/** Test data with everything in order; a test overrides only what it is about. */
export function anArrival(over: Partial<Arrival> = {}): Arrival {
  return {
    bucket: 'inbox',
    key: 'reports/a.csv',
    sizeBytes: 3,
    etag: '900150983cd24fb0d6963f7d28e17f72',
    versionId: 'v1',
    arrivedAt: Date.UTC(2026, 10, 21, 9),
    ...over,
  };
}

export function anObject(over: Partial<PinnedObject> = {}): PinnedObject {
  const { arrivedAt, ...identity } = anArrival();
  return {
    ...identity,
    uploadedAt: arrivedAt,
    partner: 'acme',
    metadata: {},
    contentType: 'text/csv',
    tags: {},
    ...over,
  };
}

export function aMessage(over: Partial<Message> = {}): Message {
  return {
    messageId: 'm-1',
    receiptHandle: 'r-1',
    body: '{}',
    receiveCount: 1,
    firstReceivedAt: Date.UTC(2026, 10, 21, 9),
    ...over,
  };
}

export function aTransferServer(over: Partial<TransferServer> = {}): TransferServer {
  return {
    region: 'eu-central-1',
    id: 's-1',
    arn: 'arn:aws:transfer:eu-central-1:111122223333:server/s-1',
    state: 'ONLINE',
    endpointType: 'PUBLIC',
    protocols: ['SFTP'],
    vpcId: undefined,
    subnetIds: [],
    vpcEndpointId: undefined,
    addressAllocationIds: [],
    ...over,
  };
}
