import { AccountClient } from '@aws-sdk/client-account';
import { TransferClient } from '@aws-sdk/client-transfer';
import { expect, test } from 'vitest';
import { accountRegions } from '../../../shared/audit/account-regions.ts';
import { auditEndpoints } from '../../../shared/audit/audit-endpoints.ts';
import { transferServers } from '../../../shared/audit/transfer-servers.ts';
import { type Account, ApiError, type Call } from '../../support/transfer/account.ts';
import { startTransfer } from '../../support/transfer/server.ts';

const HOME = 'eu-central-1';
const NOW = Date.parse('2026-11-21T09:00:00Z');

/** An audit of the stand-in by the real SDK clients. */
async function openAudit({ maxAttempts } = { maxAttempts: 1 }) {
  const standIn = await startTransfer();
  const settings = {
    endpoint: standIn.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts,
  };
  const account = new AccountClient({ ...settings, region: HOME });
  const run = (onlyRegions: readonly string[] = [], regionTimeMs = 5_000) =>
    auditEndpoints(
      {
        regions: accountRegions(account),
        servers: transferServers((region) => new TransferClient({ ...settings, region }), HOME),
        now: () => NOW,
      },
      { onlyRegions, concurrency: 3, regionTimeMs },
      AbortSignal.timeout(20_000),
    );
  return {
    account: standIn.account,
    run,
    async [Symbol.asyncDispose]() {
      account.destroy();
      await standIn[Symbol.asyncDispose]();
    },
  };
}

const failing =
  (operation: string, place: string, error: ApiError): Account['beforeCall'] =>
  (call: Call) => {
    if (call.operation !== operation) return;
    if (call.region === place || call.input['ServerId'] === place) throw error;
  };

const DENIED = new ApiError('AccessDeniedException', 'explicit deny in a service control policy');

test('every server of every enabled region is found, over pages, highest severity first', async () => {
  await using audit = await openAudit();
  const { account } = audit;
  for (const region of ['us-east-1', 'eu-west-1', 'ap-south-1']) {
    account.regions.set(region, 'ENABLED_BY_DEFAULT');
  }
  account.regions.set('af-south-1', 'ENABLED');
  account.regions.set('me-south-1', 'DISABLED');
  account.addServer('me-south-1', 's-hidden');
  for (const n of [1, 2, 3, 4, 5]) {
    account.addServer(HOME, `s-private${n}`, { EndpointType: 'VPC' });
  }
  account.addServer('af-south-1', 's-public');
  account.addServer('us-east-1', 's-facing', {
    EndpointType: 'VPC',
    EndpointDetails: {
      VpcId: 'vpc-1',
      SubnetIds: ['subnet-1'],
      AddressAllocationIds: ['eipalloc-1'],
    },
  });
  account.addServer('eu-west-1', 's-legacy', {
    EndpointType: 'VPC_ENDPOINT',
    EndpointDetails: { VpcEndpointId: 'vpce-1' },
  });

  const findings = await audit.run();

  expect(
    findings.map(({ severity, code, region, server }) => [severity, code, region, server?.id]),
  ).toEqual([
    ['high', 'ENDPOINT_PUBLIC', 'af-south-1', 's-public'],
    ['medium', 'ENDPOINT_INTERNET_FACING', 'us-east-1', 's-facing'],
    ['low', 'ENDPOINT_LEGACY', 'eu-west-1', 's-legacy'],
    ...[1, 2, 3, 4, 5].map((n) => ['passed', 'ENDPOINT_INTERNAL', HOME, `s-private${n}`]),
  ]);
  expect(account.calls.some(({ region }) => region === 'me-south-1')).toBe(false);
});

test('a region that denies access is a finding, and the others are audited', async () => {
  await using audit = await openAudit();
  audit.account.regions.set('us-east-1', 'ENABLED_BY_DEFAULT');
  audit.account.addServer(HOME, 's-public');
  audit.account.beforeCall = failing('ListServers', 'us-east-1', DENIED);

  const findings = await audit.run();

  expect(findings).toMatchObject([
    { code: 'ENDPOINT_PUBLIC', region: HOME },
    {
      code: 'REGION_UNREADABLE',
      severity: 'medium',
      region: 'us-east-1',
      what: expect.stringContaining('service control policy'),
    },
  ]);
});

test('a throttled request is retried', async () => {
  await using audit = await openAudit({ maxAttempts: 3 });
  audit.account.addServer(HOME, 's-1');
  let refusals = 2;
  audit.account.beforeCall = ({ operation }) => {
    if (operation === 'ListServers' && refusals-- > 0) {
      throw new ApiError('ThrottlingException', 'Rate exceeded');
    }
  };
  expect(await audit.run()).toMatchObject([{ code: 'ENDPOINT_PUBLIC' }]);
});

test('a server that cannot be described does not hide the others', async () => {
  await using audit = await openAudit();
  for (const id of ['s-1', 's-2', 's-3']) audit.account.addServer(HOME, id);
  audit.account.beforeCall = failing('DescribeServer', 's-2', DENIED);

  const findings = await audit.run();

  expect(findings.map(({ code, server }) => [code, server?.id])).toEqual([
    ['ENDPOINT_PUBLIC', 's-1'],
    ['ENDPOINT_PUBLIC', 's-3'],
    ['SERVER_UNREADABLE', 's-2'],
  ]);
});

test('a failing second page is a finding, and the servers of the first page are kept', async () => {
  await using audit = await openAudit();
  for (const id of ['s-1', 's-2', 's-3']) audit.account.addServer(HOME, id);
  audit.account.beforeCall = ({ operation, input }) => {
    if (operation === 'ListServers' && input['NextToken'] !== undefined) throw DENIED;
  };

  const codes = (await audit.run()).map(({ code }) => code);

  expect(codes).toEqual(['ENDPOINT_PUBLIC', 'ENDPOINT_PUBLIC', 'REGION_UNREADABLE']);
});

test('a region that does not answer times out, and the others are audited', async () => {
  await using audit = await openAudit();
  audit.account.regions.set('us-east-1', 'ENABLED_BY_DEFAULT');
  audit.account.addServer(HOME, 's-1', { EndpointType: 'VPC' });
  audit.account.beforeCall = ({ region, operation }) =>
    operation === 'ListServers' && region === 'us-east-1' ? new Promise(() => {}) : undefined;

  expect(await audit.run([], 300)).toMatchObject([
    { code: 'REGION_UNREADABLE', what: expect.stringContaining('did not answer in time') },
    { code: 'ENDPOINT_INTERNAL' },
  ]);
});

test('without a list of regions only the home region is audited, which is a finding', async () => {
  await using audit = await openAudit();
  audit.account.addServer(HOME, 's-1');
  audit.account.beforeCall = ({ operation }) => {
    if (operation === 'ListRegions') throw new ApiError('AccessDeniedException', 'no', {}, 403);
  };

  expect(await audit.run()).toMatchObject([
    { code: 'ENDPOINT_PUBLIC', region: HOME },
    { code: 'REGIONS_UNLISTED', what: expect.stringContaining(HOME) },
  ]);
});

test('with given regions only these are audited, and no list is needed', async () => {
  await using audit = await openAudit();
  audit.account.addServer('us-west-2', 's-1');

  expect(await audit.run(['us-west-2'])).toMatchObject([{ region: 'us-west-2' }]);
  expect(audit.account.calls.map(({ operation }) => operation)).toEqual([
    'ListServers',
    'DescribeServer',
  ]);
});

test('repeated audits give the same ids, and a change gives a new one', async () => {
  await using audit = await openAudit();
  const server = audit.account.addServer(HOME, 's-1');

  const [first] = await audit.run();
  const [again] = await audit.run();
  server.EndpointType = 'VPC';
  const [changed] = await audit.run();

  expect(again?.id).toBe(first?.id);
  expect(changed?.id).not.toBe(first?.id);
});
