import { readFile } from 'node:fs/promises';
import { TransferClient } from '@aws-sdk/client-transfer';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { FINDING_SCHEMA_FILE, findingJsonSchema } from '../../../../scripts/finding-json-schema.ts';
import { digest } from '../../../../shared/audit/digest.ts';
import { countFindings } from '../../../../shared/audit/powertools-measures.ts';
import type { Observation, TransferServer } from '../../../../shared/audit/servers.ts';
import { transferServers } from '../../../../shared/audit/transfer-servers.ts';
import { wordFinding } from '../../../../shared/audit/format-finding.ts';
import { aTransferServer } from '../../../support/builders.ts';

const server = (over: Partial<TransferServer> = {}): Observation => ({
  seen: 'server',
  server: aTransferServer(over),
});
const find = (observation: Observation) => wordFinding(observation, 0);

test.each([
  [{ endpointType: 'PUBLIC' }, 'ENDPOINT_PUBLIC', 'high'],
  [{ endpointType: 'PUBLIC', state: 'OFFLINE' }, 'ENDPOINT_PUBLIC', 'high'],
  [{ endpointType: 'VPC' }, 'ENDPOINT_INTERNAL', 'passed'],
  [{ endpointType: 'VPC', addressAllocationIds: ['e-1'] }, 'ENDPOINT_INTERNET_FACING', 'medium'],
  [{ endpointType: 'VPC_ENDPOINT' }, 'ENDPOINT_LEGACY', 'low'],
  // Not known is not private.
  [{ endpointType: 'SATELLITE' }, 'ENDPOINT_UNKNOWN', 'medium'],
])('an endpoint %o is %s, %s', (over, code, severity) => {
  expect(find(server(over))).toMatchObject({ code, severity });
});

test('a region without a name in DNS has no Transfer Family, but home always has one', async () => {
  const refuse = (code: string) =>
    transferServers(
      () =>
        new TransferClient({
          region: 'x',
          credentials: { accessKeyId: 'a', secretAccessKey: 's' },
          maxAttempts: 1,
          requestHandler: {
            handle: () => Promise.reject(Object.assign(new Error(`getaddrinfo ${code}`), { code })),
          },
        }),
      'home-1',
    );
  const seen = async (code: string, region: string) =>
    (await Array.fromAsync(refuse(code).observe(region, AbortSignal.timeout(5_000))))[0]?.seen;

  expect(await seen('ENOTFOUND', 'far-1')).toBe('region without Transfer');
  expect(await seen('ENOTFOUND', 'home-1')).toBe('unreadable region');
  expect(await seen('EAI_AGAIN', 'far-1')).toBe('unreadable region');
});

test('every finding is what its JSON Schema says, and the schema in the docs is that one', async () => {
  expect(await readFile(FINDING_SCHEMA_FILE, 'utf8')).toBe(findingJsonSchema());
  const validate = new Ajv({ formats: { 'date-time': true } }).compile(
    JSON.parse(findingJsonSchema()),
  );
  const region = 'eu-central-1';
  const observations: readonly Observation[] = [
    server(),
    server({ endpointType: 'VPC', vpcId: 'vpc-1', subnetIds: ['subnet-1'] }),
    server({ endpointType: 'VPC_ENDPOINT', vpcEndpointId: 'vpce-1', arn: '' }),
    { seen: 'unreadable server', region, serverId: 's-1', reason: 'no' },
    { seen: 'unreadable region', region, reason: 'no' },
    { seen: 'region without Transfer', region },
    { seen: 'unlisted regions', region, reason: 'no', lookedAt: [region] },
  ];
  for (const observation of observations) {
    validate(find(observation));
    expect(validate.errors).toBeNull();
  }
  expect(validate({ schema: 'airlock.endpoint-finding/1' })).toBe(false);
});

test('what was not looked at is counted, and a count of nothing is told, too', () => {
  const region = 'eu-central-1';
  const counts = countFindings([
    find(server()),
    find({ seen: 'unreadable region', region, reason: 'no' }),
    find({ seen: 'unreadable server', region, serverId: 's-1', reason: 'no' }),
    find({ seen: 'region without Transfer', region }),
  ]);
  expect(Object.fromEntries(counts.map(({ name, value }) => [name, value]))).toEqual({
    PublicEndpoints: 1,
    InternetFacingEndpoints: 0,
    InternalEndpoints: 0,
    LegacyEndpoints: 0,
    NotLookedAt: 2,
  });
});

test('a digest tells what needs a person, and is silent when nothing does', () => {
  const passed = find(server({ endpointType: 'VPC' }));
  expect(digest([passed])).toBeUndefined();
  const mail = digest([find(server()), passed]);
  expect(mail?.subject).toBe('Airlock: 1 public SFTP endpoint');
  expect(mail?.body).toContain('--remediate s-1');
  expect(mail?.body).not.toContain('within its VPC only');
});
