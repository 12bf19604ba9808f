import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { Environment as IngestEnvironment } from '../../functions/ingest/config.ts';
import { Request } from '../../functions/reconcile/config.ts';
import { matchesEvent, parseEventPattern } from '../../local/events/pattern.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { objectCreated } from '../support/object-created.ts';
import { deploy, listOf, ofType, VARIANTS } from '../support/template/deployment.ts';
import { statementsOf } from '../support/template/policies.ts';

const resources = deploy();
const one = (id: string): any => resources.find((resource) => resource.id === id)?.properties;
const ingestEnvironment = parseEnvironment(
  IngestEnvironment,
  Object.fromEntries(
    Object.entries(one('IngestFunction').Environment.Variables).map(([name, value]) => [
      name,
      String(value),
    ]),
  ),
  'ingest',
);

describe('the ingest queue and its function agree', () => {
  test('a message stays hidden at least six times as long as the function may take', () => {
    expect(one('IngestQueue').VisibilityTimeout).toBeGreaterThanOrEqual(
      6 * one('IngestFunction').Timeout,
    );
  });

  test('our own last try and the redrive policy are the same try', () => {
    expect(one('IngestQueue').RedrivePolicy).toEqual({
      deadLetterTargetArn: '<IngestDeadLetterQueue.Arn>',
      maxReceiveCount: ingestEnvironment.MAX_RECEIVE_COUNT,
    });
  });

  test('failures are reported one by one', () => {
    expect(one('IngestFunctionArrivals')).toMatchObject({
      EventSourceArn: '<IngestQueue.Arn>',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('as many run at once as may', () => {
    const reserved = deploy({ ReserveConcurrency: 'true' }).find(
      ({ id }) => id === 'IngestFunction',
    );
    expect(reserved?.properties.ReservedConcurrentExecutions).toBe(
      one('IngestFunctionArrivals').ScalingConfig.MaximumConcurrency,
    );
    // A new account has nothing to reserve.
    for (const { id, properties } of ofType(resources, 'AWS::Lambda::Function')) {
      expect(properties, id).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });
});

describe('the landing tree and the directory for incoming files', () => {
  test('are two directories of one mount, neither below the other', () => {
    const { LANDING_ROOT, INCOMING_ROOT } = ingestEnvironment;
    const [mount] = one('IngestFunction').FileSystemConfigs;
    for (const path of [LANDING_ROOT, INCOMING_ROOT]) {
      expect(path.startsWith(`${mount.LocalMountPath}/`)).toBe(true);
    }
    expect(`${INCOMING_ROOT}/`.startsWith(`${LANDING_ROOT}/`)).toBe(false);
    expect(`${LANDING_ROOT}/`.startsWith(`${INCOMING_ROOT}/`)).toBe(false);
  });

  test('are the same for the sweep', () => {
    const { LANDING_ROOT, INCOMING_ROOT } = ingestEnvironment;
    const { Variables } = one('ReconcileFunction').Environment;
    expect(Variables).toMatchObject({ LANDING_ROOT, INCOMING_ROOT });
  });

  test('are made while the stack is deployed, before anything uses them', () => {
    expect(one('FileSystemRoots')).toMatchObject({
      ServiceToken: '<PrepareFileSystemFunction.Arn>',
      LandingRoot: ingestEnvironment.LANDING_ROOT,
      IncomingRoot: ingestEnvironment.INCOMING_ROOT,
    });
  });

  test('applications see the landing tree alone', () => {
    const { Path } = one('ReaderAccessPoint').RootDirectory;
    const { Path: root } = one('AccessPoint').RootDirectory;
    const [mount] = one('IngestFunction').FileSystemConfigs;
    expect(Path).toBe(ingestEnvironment.LANDING_ROOT.replace(mount.LocalMountPath, root));
    expect(one('ReaderAccessPoint').PosixUser.Uid).not.toBe(one('AccessPoint').PosixUser.Uid);
  });
});

describe('events', () => {
  const arrived = {
    ...objectCreated,
    detail: { ...objectCreated.detail, bucket: { name: '<InboxBucket>' } },
  };

  test.each(['ArrivalRule', 'ArrivalArchive'])('%s takes what S3 sends for the inbox', (id) => {
    expect(matchesEvent(parseEventPattern(one(id).EventPattern), arrived)).toBe(true);
  });

  test.each([
    ['of another bucket', objectCreated],
    ['that is not a creation', { ...arrived, 'detail-type': 'Object Deleted' }],
    ['that is a notice of our own', { ...arrived, source: 'airlock' }],
  ])('the rule leaves alone an event %s', (_what, event) => {
    expect(matchesEvent(parseEventPattern(one('ArrivalRule').EventPattern), event)).toBe(false);
  });

  test('S3 tells EventBridge of the inbox', () => {
    expect(one('InboxBucket').NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
  });

  test('the report on dead letters answers to the alarm of each of its queues', () => {
    const { EventPattern } = one('ReportDeadLettersFunctionAlarm');
    const alarm = {
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: ['<UndeliveredEventQueueNotEmpty.Arn>'],
      detail: { alarmName: 'a', state: { value: 'ALARM', reason: 'r' } },
    };
    const pattern = parseEventPattern(EventPattern);
    expect(matchesEvent(pattern, alarm)).toBe(true);
    const over = { ...alarm, detail: { ...alarm.detail, state: { value: 'OK' } } };
    expect(matchesEvent(pattern, over)).toBe(false);
    const another = { ...alarm, resources: ['<IngestErrors.Arn>'] };
    expect(matchesEvent(pattern, another)).toBe(false);
  });

  test('the sweep leaves alone what a function may still be working on', () => {
    const [target] = one('ReconcileFunctionSweep').Targets;
    const request = v.parse(Request, JSON.parse(target.Input));
    expect(request.includeRefused).toBe(false);
    expect(request.partialAfterS).toBeGreaterThan(2 * one('IngestFunction').Timeout);
  });
});

describe.each(VARIANTS)('nothing is lost in silence, with %s', (_name, overrides) => {
  const deployed = deploy(overrides);
  const deadLetterQueues = new Set<string>();

  test('every target of every rule has a dead-letter queue', () => {
    for (const { id, properties } of ofType(deployed, 'AWS::Events::Rule')) {
      for (const target of properties.Targets) {
        expect(target, id).toHaveProperty('DeadLetterConfig.Arn');
        deadLetterQueues.add(target.DeadLetterConfig.Arn);
      }
    }
  });

  test('every subscription has one', () => {
    for (const { id, properties } of ofType(deployed, 'AWS::SNS::Subscription')) {
      expect(properties, id).toHaveProperty('RedrivePolicy.deadLetterTargetArn');
      deadLetterQueues.add(properties.RedrivePolicy.deadLetterTargetArn);
    }
  });

  test('every queue has one, or is one', () => {
    for (const { properties } of ofType(deployed, 'AWS::SQS::Queue')) {
      const arn = properties.RedrivePolicy?.deadLetterTargetArn;
      if (arn !== undefined) deadLetterQueues.add(arn);
    }
    deadLetterQueues.add('<SubscriptionDeadLetterQueue.Arn>');
    for (const { id, properties } of ofType(deployed, 'AWS::SQS::Queue')) {
      expect(
        properties.RedrivePolicy !== undefined || deadLetterQueues.has(`<${id}.Arn>`),
        id,
      ).toBe(true);
      // The longest there is; and a letter's clock goes on from the queue it was in before.
      expect(properties.MessageRetentionPeriod, id).toBe(14 * 86_400);
    }
  });

  test('whoever puts into a queue is let in by its policy', () => {
    const admitted = statementsOf(deployed).flatMap(({ to, statement }) =>
      to === 'resource' && statement.Action === 'sqs:SendMessage'
        ? listOf<string>(statement.Principal?.Service).map(
            (service) => `${service} ${statement.Resource}`,
          )
        : [],
    );
    for (const { id, properties } of ofType(deployed, 'AWS::Events::Rule')) {
      for (const { Arn, DeadLetterConfig } of properties.Targets) {
        expect(admitted, id).toContain(`events.amazonaws.com ${DeadLetterConfig.Arn}`);
        const queue = /Queue/.test(Arn) ? Arn : DeadLetterConfig.Arn;
        expect(admitted, id).toContain(`events.amazonaws.com ${queue}`);
      }
    }
    expect(admitted).toContain('sns.amazonaws.com <SubscriptionDeadLetterQueue.Arn>');
  });

  test('a run that nobody waits for goes somewhere when it fails for good', () => {
    const invoked = ofType(deployed, 'AWS::Events::Rule').flatMap(({ properties }) =>
      properties.Targets.map(({ Arn }: { Arn: string }) => Arn),
    );
    const guarded = ofType(deployed, 'AWS::Lambda::EventInvokeConfig').map(({ properties }) => {
      expect(properties.DestinationConfig.OnFailure.Destination).toBe(
        '<FailedInvocationQueue.Arn>',
      );
      return properties.FunctionName.replace('>', '.Arn>');
    });
    const functions = [...new Set(invoked)].filter((arn) => arn.includes('Function'));
    expect(new Set(functions)).toEqual(new Set(guarded));
    for (const { properties } of ofType(deployed, 'AWS::Lambda::EventInvokeConfig')) {
      const role = deployed.find(({ id }) => `<${id}>` === properties.FunctionName)?.properties
        .Role;
      const mayReport = statementsOf(deployed).some(
        ({ id, statement }) => role === `<${id}.Arn>` && statement.Sid === 'ReportFailedRuns',
      );
      expect(mayReport, role).toBe(true);
    }
  });

  test('the inbox forgets only what has had its ending', () => {
    const inbox = deployed.find(({ id }) => id === 'InboxBucket')?.properties;
    for (const rule of inbox.LifecycleConfiguration.Rules) {
      if (!('ExpirationInDays' in rule) && !('NoncurrentVersionExpiration' in rule)) continue;
      const [tag, more] = rule.TagFilters;
      expect(more).toBeUndefined();
      expect(tag.Key).toBe('scan-status');
      // Folders ('none') stay as well.
      expect(['clean', 'unscanned', 'superseded', 'skipped']).toContain(tag.Value);
    }
  });
});
