import { readFile } from 'node:fs/promises';
import { TransferClient } from '@aws-sdk/client-transfer';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { FINDING_SCHEMA_FILE, findingJsonSchema } from '../../../../scripts/finding-json-schema.ts';
import { digest } from '../../../../shared/audit/digest.ts';
import { countFindings } from '../../../../shared/audit/powertools-measures.ts';
import type { Observation, TransferServer } from '../../../../shared/audit/servers.ts';
import { transferServers } from '../../../../shared/audit/transfer-servers.ts';
import { formatFinding } from '../../../../shared/audit/format-finding.ts';
import { aTransferServer } from '../../../support/builders.ts';

const server = (over: Partial<TransferServer> = {}): Observation => ({
  kind: 'server',
  server: aTransferServer(over),
});
const find = (observation: Observation) => formatFinding(observation, 0);

test.each([
  [{ endpointType: 'PUBLIC' }, 'ENDPOINT_PUBLIC', 'high'],
  [{ endpointType: 'PUBLIC', state: 'OFFLINE' }, 'ENDPOINT_PUBLIC', 'high'],
  [{ endpointType: 'VPC' }, 'ENDPOINT_INTERNAL', 'passed'],
  [{ endpointType: 'VPC', addressAllocationIds: ['e-1'] }, 'ENDPOINT_INTERNET_FACING', 'medium'],
  [{ endpointType: 'VPC_ENDPOINT' }, 'ENDPOINT_LEGACY', 'low'],
  // An unknown type does not count as private.
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
  const kindOf = async (code: string, region: string) =>
    (await Array.fromAsync(refuse(code).observe(region, AbortSignal.timeout(5_000))))[0]?.kind;

  expect(await kindOf('ENOTFOUND', 'far-1')).toBe('region without Transfer');
  expect(await kindOf('ENOTFOUND', 'home-1')).toBe('unreadable region');
  expect(await kindOf('EAI_AGAIN', 'far-1')).toBe('unreadable region');
});

test('every finding matches its JSON Schema, and the schema in the docs is up to date', async () => {
  expect(await readFile(FINDING_SCHEMA_FILE, 'utf8')).toBe(findingJsonSchema());
  const validate = new Ajv({ formats: { 'date-time': true } }).compile(
    JSON.parse(findingJsonSchema()),
  );
  const region = 'eu-central-1';
  const observations: readonly Observation[] = [
    server(),
    server({ endpointType: 'VPC', vpcId: 'vpc-1', subnetIds: ['subnet-1'] }),
    server({ endpointType: 'VPC_ENDPOINT', vpcEndpointId: 'vpce-1', arn: '' }),
    { kind: 'unreadable server', region, serverId: 's-1', reason: 'no' },
    { kind: 'unreadable region', region, reason: 'no' },
    { kind: 'region without Transfer', region },
    { kind: 'unlisted regions', region, reason: 'no', inspected: [region] },
  ];
  for (const observation of observations) {
    validate(find(observation));
    expect(validate.errors).toBeNull();
  }
  expect(validate({ schema: 'airlock.endpoint-finding/1' })).toBe(false);
});

test('what could not be inspected is counted, and zero counts are published, too', () => {
  const region = 'eu-central-1';
  const counts = countFindings([
    find(server()),
    find({ kind: 'unreadable region', region, reason: 'no' }),
    find({ kind: 'unreadable server', region, serverId: 's-1', reason: 'no' }),
    find({ kind: 'region without Transfer', region }),
  ]);
  expect(Object.fromEntries(counts.map(({ name, value }) => [name, value]))).toEqual({
    PublicEndpoints: 1,
    InternetFacingEndpoints: 0,
    InternalEndpoints: 0,
    LegacyEndpoints: 0,
    NotLookedAt: 2,
  });
});

test('a digest lists what needs action, and is absent when nothing does', () => {
  const passed = find(server({ endpointType: 'VPC' }));
  expect(digest([passed])).toBeUndefined();
  const mail = digest([find(server()), passed]);
  expect(mail?.subject).toBe('Airlock: 1 public SFTP endpoint');
  expect(mail?.body).toContain('--remediate s-1');
  expect(mail?.body).not.toContain('within its VPC only');
});
