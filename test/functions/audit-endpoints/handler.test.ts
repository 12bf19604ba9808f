import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Operations, openOperations } from '../../support/operations.ts';
import { startTransfer, type TransferStandIn } from '../../support/transfer/server.ts';

let operations: Operations;
let standIn: TransferStandIn;
beforeAll(async () => {
  operations = await openOperations();
});
beforeEach(async () => {
  standIn = await startTransfer();
  return async () => standIn[Symbol.asyncDispose]();
});
afterAll(async () => operations[Symbol.asyncDispose]());

const audit = (environment: Readonly<Record<string, string>> = {}) =>
  operations.invoke(
    'functions/audit-endpoints/handler.ts',
    {
      AWS_ENDPOINT_URL_TRANSFER: standIn.endpoint,
      AWS_ENDPOINT_URL_ACCOUNT: standIn.endpoint,
      OPERATIONS_TOPIC_ARN: operations.topicArn,
      EVENT_BUS_NAME: 'default',
      AUDIT_REGIONS: '',
      ...environment,
    },
    {},
  );

test('each server is an event, and open findings are mailed', async () => {
  const { account } = standIn;
  account.regions.set('us-east-1', 'ENABLED_BY_DEFAULT');
  account.addServer('us-east-1', 's-public');
  for (let n = 1; n <= 12; n += 1) {
    account.addServer('eu-central-1', `s-${n}`, { EndpointType: 'VPC' });
  }

  expect(await audit()).toEqual({ findingCount: 13, openCount: 1 });

  const events = await operations.events();
  expect(events).toHaveLength(13);
  expect(events).toContainEqual(
    expect.objectContaining({
      'detail-type': 'Endpoint Finding',
      detail: expect.objectContaining({ code: 'ENDPOINT_PUBLIC', region: 'us-east-1' }),
    }),
  );
  expect(await operations.mails()).toMatchObject([
    {
      Subject: 'Airlock: 1 public SFTP endpoint',
      Message: expect.stringContaining('Server s-public in us-east-1 (online)'),
    },
  ]);
});

test('no mail is sent when every server is private', async () => {
  standIn.account.addServer('eu-central-1', 's-1', { EndpointType: 'VPC' });
  expect(await audit()).toEqual({ findingCount: 1, openCount: 0 });
  expect(await operations.mails()).toEqual([]);
  expect(await operations.events()).toHaveLength(1);
});

test('the mail is sent even if the bus is unreachable, and the invocation fails', async () => {
  standIn.account.addServer('eu-central-1', 's-1');
  const AWS_ENDPOINT_URL_EVENTBRIDGE = 'http://127.0.0.1:1';
  await expect(audit({ AWS_ENDPOINT_URL_EVENTBRIDGE })).rejects.toThrow(/ECONNREFUSED/);
  expect(await operations.mails()).toHaveLength(1);
});
