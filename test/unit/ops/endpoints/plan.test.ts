import { expect, test } from 'vitest';
import { plan } from '../../../../ops/endpoints/plan.ts';
import type { TransferServer } from '../../../../shared/audit/servers.ts';
import { aTransferServer } from '../../../support/builders.ts';

const destination = { vpcId: 'vpc-1', subnetIds: ['a', 'b'], securityGroupIds: [] };
const there = { endpointType: 'VPC', vpcId: 'vpc-1', subnetIds: ['b', 'a'] };
const steps = (over: Partial<TransferServer>): string[] =>
  plan(aTransferServer(over), destination).map((next) =>
    next.step === 'wait' ? `wait ${next.until}` : next.step,
  );

const END = ['update', 'start', 'wait ONLINE'];

test.each([
  ['ONLINE', ['stop', 'wait OFFLINE', ...END]],
  ['STOPPING', ['wait OFFLINE', ...END]],
  ['OFFLINE', END],
  ['STOP_FAILED', ['stop', 'wait OFFLINE', ...END]],
  ['START_FAILED', ['stop', 'wait OFFLINE', ...END]],
  ['STARTING', ['wait ONLINE', 'stop', 'wait OFFLINE', ...END]],
])('a public server that is %s is moved into the VPC by the safe sequence', (state, expected) => {
  expect(steps({ state })).toEqual(expected);
});

test.each([
  ['ONLINE', []],
  ['OFFLINE', ['start', 'wait ONLINE']],
  ['START_FAILED', ['start', 'wait ONLINE']],
  ['STARTING', ['wait ONLINE']],
  ['STOPPING', ['wait OFFLINE', 'start', 'wait ONLINE']],
])('one that is already there, and %s, is brought online', (state, expected) => {
  expect(steps({ ...there, state })).toEqual(expected);
});

test.each([
  { endpointType: 'VPC_ENDPOINT' },
  { endpointType: 'SATELLITE' },
  { ...there, vpcId: 'vpc-2' },
  { ...there, subnetIds: ['a'] },
  { state: 'MELTING' },
  { ...there, state: 'MELTING' },
])('anything not known to be safe is refused: %o', (over) => {
  expect(steps(over)).toEqual(['refuse']);
});
