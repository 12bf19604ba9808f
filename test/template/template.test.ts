import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { Environment as IngestEnvironment } from '../../functions/ingest/config.ts';
import { Environment as ReconcileEnvironment, Request } from '../../functions/reconcile/config.ts';
import { describeStack, withLogicalId } from '../../local/stack/stack.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { readTemplate } from '../../local/stack/template.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const template = await readTemplate(`${ROOT}template.yaml`);
const stack = describeStack(template, {
  region: 'eu-central-1',
  accountId: '123456789012',
  stackName: 'airlock',
  sqsEndpoint: 'https://sqs.eu-central-1.amazonaws.com',
});
const ingest = withLogicalId(stack.functions, 'IngestFunction');
const reconcile = withLogicalId(stack.functions, 'ReconcileFunction');
const queue = withLogicalId(stack.queues, 'IngestQueue');

test("the ingest function's environment is exactly what its config reads", () => {
  const config = parseEnvironment(IngestEnvironment, ingest.environment, 'ingest');
  expect(Object.keys(config).toSorted()).toEqual(Object.keys(ingest.environment).toSorted());
  expect(config).toMatchObject({
    INBOX_BUCKET: 'airlock-inbox-bucket',
    LANDING_ROOT: '/mnt/airlock/landing',
    TEMPORARY_SUFFIXES: ['.filepart', '.part', '.partial', '.tmp'],
  });
});

test("the sweep's environment and schedule are what it reads", () => {
  const config = parseEnvironment(ReconcileEnvironment, reconcile.environment, 'reconcile');
  expect(config).toEqual(reconcile.environment);
  const [schedule] = reconcile.schedules;
  expect(schedule?.everyMs).toBe(900_000);
  // Whatever a function may still be working on is neither requeued nor removed.
  expect(v.parse(Request, schedule?.input)).toMatchObject({ includeRefused: false });
  expect(v.parse(Request, schedule?.input).partialAfterS * 1000).toBeGreaterThan(
    2 * ingest.timeoutMs,
  );
});

test('a message stays hidden at least six times as long as the function may take', () => {
  expect(Number(queue.attributes['VisibilityTimeout'])).toBeGreaterThanOrEqual(
    (6 * ingest.timeoutMs) / 1000,
  );
});

test('our own last try and the redrive policy agree on the number of tries', () => {
  const { maxReceiveCount } = JSON.parse(queue.attributes['RedrivePolicy'] ?? '{}');
  expect(parseEnvironment(IngestEnvironment, ingest.environment, 'ingest').MAX_RECEIVE_COUNT).toBe(
    maxReceiveCount,
  );
});

test('staged files are not below what applications read', () => {
  const { LANDING_ROOT, STAGING_ROOT } = parseEnvironment(
    IngestEnvironment,
    ingest.environment,
    'ingest',
  );
  expect(`${STAGING_ROOT}/`.startsWith(`${LANDING_ROOT}/`)).toBe(false);
});

test('every bucket keeps versions and tells EventBridge', () => {
  for (const bucket of stack.buckets) {
    expect(bucket).toMatchObject({ versioned: true, eventBridge: true });
  }
});

test("every rule's target has a dead-letter queue", () => {
  for (const { targets } of stack.rules) {
    for (const target of targets) expect(target).toHaveProperty('DeadLetterConfig.Arn');
  }
});

test('every handler exists', () => {
  for (const { source } of stack.functions) {
    expect(existsSync(`${ROOT}${source}`)).toBe(true);
  }
});

test('the ingest reports failures one by one', () => {
  expect(ingest.queues).toMatchObject([{ queueArn: queue.arn, partialFailures: true }]);
});
