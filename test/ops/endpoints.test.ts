import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Installation, runOps, startInstallation } from '../support/installation.ts';
import { type StsStandIn, startSts } from '../support/sts.ts';
import { type Account, ApiError, type StoredServer } from '../support/transfer/account.ts';
import { startTransfer, type TransferStandIn } from '../support/transfer/server.ts';

const REGION = 'eu-central-1';
const DESTINATION = ['--vpc', 'vpc-1', '--subnets', 'subnet-a,subnet-b'];
const WHOLE_WAY = ['StopServer', 'UpdateServer', 'StartServer'];

let standIn: TransferStandIn;
let account: Account;
let installation: Installation;
let sts: StsStandIn;
beforeAll(async () => {
  // Its event bus: who moved a server, and why, is recorded there.
  installation = await startInstallation();
  sts = await startSts('arn:aws:sts::123456789012:assumed-role/operator/ada');
});
afterAll(async () => {
  await sts?.[Symbol.asyncDispose]();
  await installation?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  standIn = await startTransfer();
  account = standIn.account;
});
afterEach(async () => standIn[Symbol.asyncDispose]());

const environment = () => ({
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_MAX_ATTEMPTS: '1',
  AWS_ENDPOINT_URL_TRANSFER: standIn.endpoint,
  AWS_ENDPOINT_URL_ACCOUNT: standIn.endpoint,
  AWS_ENDPOINT_URL_EVENTBRIDGE: installation.eventsEndpoint,
  AWS_ENDPOINT_URL_STS: sts.endpoint,
});
const auditing = (...args: readonly string[]) =>
  runOps('', ['endpoints', 'audit', ...args], '', environment());
const remediating = (...args: readonly string[]) =>
  auditing('--remediate', 's-1', ...DESTINATION, ...args);
const server = (): StoredServer => account.server(REGION, 's-1');

test('an audit names each open server, says what to do, and exits with 3', async () => {
  account.regions.set('us-east-1', 'ENABLED_BY_DEFAULT');
  account.addServer('us-east-1', 's-1');
  account.addServer(REGION, 's-2', { EndpointType: 'VPC', EndpointDetails: { VpcId: 'vpc-1' } });

  const { code, stdout } = await auditing();

  expect(code).toBe(3);
  expect(stdout).toContain('HIGH  Server s-1 in us-east-1 (online) has a public endpoint.');
  expect(stdout).toContain('--region us-east-1 --remediate s-1');
  expect(stdout).toContain('PASSED  Server s-2 in eu-central-1');
  expect(stdout).toContain('1 to fix, 1 passed.');
});

test('an audit without open servers exits with 0, and its JSON is the findings', async () => {
  account.addServer(REGION, 's-2', { EndpointType: 'VPC' });
  const { code, stdout } = await auditing('--region', REGION, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ code: 'ENDPOINT_INTERNAL', server: { id: 's-2' } }]);
});

test('without --yes nothing changes, and the plan is shown with the command that runs it', async () => {
  account.addServer(REGION, 's-1');
  const { code, stdout } = await remediating();
  expect(code).toBe(0);
  expect(stdout).toMatch(/1\. stop it.*\n.*2\. wait until it is OFFLINE\n.*3\. give it.*vpc-1/);
  expect(stdout).toContain('--subnets subnet-a,subnet-b --wait-s 900 --yes');
  expect(stdout).toContain('can no longer reach it');
  expect(account.changes).toEqual([]);
});

test('with --yes the server is stopped, moved and started, each after the previous step has ended', async () => {
  account.addServer(REGION, 's-1');
  const { code, stdout } = await remediating('--security-groups', 'sg-1', '--yes');
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('s-1 is ONLINE in vpc-1'),
  });
  expect(account.changes).toEqual(WHOLE_WAY);
  expect(server()).toMatchObject({
    State: 'ONLINE',
    EndpointType: 'VPC',
    EndpointDetails: {
      VpcId: 'vpc-1',
      SubnetIds: ['subnet-a', 'subnet-b'],
      SecurityGroupIds: ['sg-1'],
    },
  });
});

test.each([
  ['stopping', { State: 'STOPPING', heading: 'OFFLINE' }, ['UpdateServer', 'StartServer']],
  ['stopped', { State: 'OFFLINE' }, ['UpdateServer', 'StartServer']],
  ['moved', { State: 'OFFLINE', moved: true }, ['StartServer']],
  ['starting', { State: 'STARTING', heading: 'ONLINE', moved: true }, []],
  ['there', { State: 'ONLINE', moved: true }, []],
] as const)('a move interrupted when it was %s continues there', async (_, left, changes) => {
  const { moved, ...state } = { moved: false, ...left };
  account.addServer(REGION, 's-1', {
    ...state,
    ...(moved && {
      EndpointType: 'VPC',
      EndpointDetails: { VpcId: 'vpc-1', SubnetIds: ['subnet-b', 'subnet-a'] },
    }),
  });
  expect(await remediating('--yes')).toMatchObject({ code: 0 });
  expect(account.changes).toEqual(changes);
  expect(server()).toMatchObject({ State: 'ONLINE', EndpointType: 'VPC' });
});

test('a move is recorded with the caller that STS names, and the reason', async () => {
  account.addServer(REGION, 's-1');
  expect(await remediating('--yes', '--reason', 'audit of May')).toMatchObject({ code: 0 });
  expect(installation.acts.at(-1)).toMatchObject({
    who: { kind: 'aws', name: 'arn:aws:sts::123456789012:assumed-role/operator/ada' },
    command: 'endpoints audit',
    reason: 'audit of May',
    outcome: 'done',
    subjects: [{ kind: 'server', id: 's-1' }],
  });
});

test('after a failed step the error says that the server is stopped, and the same command continues', async () => {
  account.addServer(REGION, 's-1');
  account.beforeCall = ({ operation }) => {
    if (operation === 'UpdateServer') throw new ApiError('AccessDeniedException', 'no');
  };
  const failed = await remediating('--yes');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('it is now OFFLINE, its endpoint PUBLIC: NOBODY CAN LOG IN');
  expect(failed.stderr).toContain('--remediate s-1 --vpc vpc-1 --subnets subnet-a,subnet-b');
  expect(failed.stderr).toContain('aws transfer start-server --server-id s-1');

  account.beforeCall = () => {};
  expect(await remediating('--yes')).toMatchObject({ code: 0 });
  expect(server()).toMatchObject({ State: 'ONLINE', EndpointType: 'VPC' });
});

test('a server that does not start, or not in time, is reported with its state', async () => {
  account.addServer(REGION, 's-1');
  account.startsEndIn = 'START_FAILED';
  const failed = await remediating('--yes');
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the start had no effect: it is START_FAILED'),
  });
  account.looksUntilSettled = 1_000;
  const late = await remediating('--yes', '--wait-s', '1');
  expect(late.stderr).toContain('it was still STARTING after 1 s');
});

test("Ctrl-C during a move prints the server's state, and how to continue", async () => {
  account.addServer(REGION, 's-1');
  account.looksUntilSettled = 1_000;
  const main = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));
  const args = ['endpoints', 'audit', '--remediate', 's-1', ...DESTINATION, '--yes'];
  const stopped = Promise.withResolvers<void>();
  account.beforeCall = ({ operation }) => {
    if (operation === 'DescribeServer' && account.changes.length > 0) stopped.resolve();
  };
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = text(child.stderr);
  await stopped.promise;
  child.kill('SIGINT');

  expect(await stderr).toMatch(/it is now STOPPING.*NOBODY CAN LOG IN\nwhy: it was interrupted/);
  expect(account.changes).toEqual(['StopServer']);
});

test('a server that cannot be moved safely is refused before anything changes', async () => {
  account.addServer(REGION, 's-1', { EndpointType: 'VPC_ENDPOINT' });
  expect(await remediating('--yes')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('only a PUBLIC server is moved'),
  });
  Object.assign(server(), { EndpointType: 'VPC', EndpointDetails: { VpcId: 'vpc-other' } });
  expect(await remediating('--yes')).toMatchObject({ code: 3 });
  for (const args of [[], ['--vpc', 'vpc-1'], ['--subnets', 'subnet-a']]) {
    expect(await auditing('--remediate', 's-1', ...args, '--yes')).toMatchObject({ code: 2 });
  }
  expect(await auditing('--yes')).toMatchObject({ code: 2 });
  expect(await remediating('--wait-s', 'soon')).toMatchObject({ code: 2 });
  expect(account.changes).toEqual([]);
});

test('without region and credentials it says what is missing, and reports no findings', async () => {
  const nowhere = {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  for (const args of [[], ['--remediate', 's-1', ...DESTINATION]]) {
    const { code, stderr } = await runOps('', ['endpoints', 'audit', ...args], '', nowhere);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AWS cannot be called'),
    });
  }
});

test('a server that does not exist is an error that names it', async () => {
  const { code, stderr } = await remediating('--yes');
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Unknown server s-1'),
  });
});
