import { expect, test } from 'vitest';
import { ingestObject } from '../../../../shared/pipeline/ingest-object.ts';
import { IngestError } from '../../../../shared/model/ingest-error.ts';
import { anArrival } from '../../../support/builders.ts';
import { memoryPorts } from '../../../support/memory-ports.ts';

const attempt = {
  messageId: 'm',
  isRedelivery: false,
  signal: new AbortController().signal,
};

test('a clean object is delivered, announced and settled', async () => {
  const world = memoryPorts({ a: 'clean' });
  const outcome = await ingestObject(anArrival({ key: 'a' }), attempt, world.ports);
  expect(outcome).toMatchObject({ kind: 'delivered', landingPath: 'a' });
  expect(world.landed.get('a')).toBe('clean');
  expect(world.notices).toMatchObject([
    { outcome: 'delivered', scanner: { engine: 'ClamAV in memory' } },
  ]);
  expect(world.settled).toEqual(['a']);
});

test('an infected object is safe in quarantine before it is announced, and announced before it leaves the inbox', async () => {
  const world = memoryPorts({ a: 'EICAR' });
  const order: string[] = [];
  const { quarantine, settler } = world.ports;
  const ports = {
    ...world.ports,
    quarantine: {
      keep: async (...args: Parameters<typeof quarantine.keep>) => {
        order.push('keep');
        await quarantine.keep(...args);
      },
    },
    notifiers: [{ announce: async () => void order.push('announce') }],
    settler: {
      ...settler,
      remove: async (...args: Parameters<typeof settler.remove>) => {
        order.push('remove');
        await settler.remove(...args);
      },
    },
  };
  const outcome = await ingestObject(anArrival({ key: 'a' }), attempt, ports);
  expect(outcome).toMatchObject({ kind: 'quarantined', signature: 'Eicar' });
  expect(order).toEqual(['keep', 'announce', 'remove']);
  expect(world.landed.size).toBe(0);
});

const again = { ...attempt, isRedelivery: true };

test('a file that is delivered again is settled again, and not announced', async () => {
  const world = memoryPorts({ a: 'clean' });
  const outcome = await ingestObject(anArrival({ key: 'a' }), again, world.ports);
  expect(outcome).toMatchObject({ kind: 'delivered' });
  expect(world.landed.get('a')).toBe('clean');
  expect(world.settled).toEqual(['a']);
  expect(world.notices).toEqual([]);
});

test('a file that newer signatures know by the time it is delivered again is announced as quarantined', async () => {
  const world = memoryPorts({ a: 'EICAR' });
  await ingestObject(anArrival({ key: 'a' }), again, world.ports);
  expect(world.notices).toMatchObject([{ outcome: 'quarantined' }]);
});

test('a file that is gone by the time it is to be delivered again is announced no second time', async () => {
  const world = memoryPorts({});
  const unversioned = anArrival({ key: 'a', versionId: undefined });
  const outcome = await ingestObject(unversioned, again, world.ports);
  expect(outcome).toEqual({ kind: 'duplicate' });
  expect(world.notices).toEqual([]);
});

test('a delivery that cannot be announced is not settled, so that it is tried again', async () => {
  const world = memoryPorts({ a: 'clean' });
  const notifier = {
    announce: () => Promise.reject(new IngestError('NOTICE_FAILED', 'throttled')),
  };
  const ports = { ...world.ports, notifiers: [...world.ports.notifiers, notifier] };
  await expect(ingestObject(anArrival({ key: 'a' }), attempt, ports)).rejects.toMatchObject({
    code: 'NOTICE_FAILED',
    disposition: 'retry',
  });
  expect(world.settled).toEqual([]);
});

test('an object beyond what the engine reads is held without being read', async () => {
  const world = memoryPorts({ a: 'clean' });
  const { open } = world.ports.source;
  const ports = {
    ...world.ports,
    source: {
      ...world.ports.source,
      open: async (...args: Parameters<typeof open>) => {
        const opened = await open(...args);
        if (opened.state !== 'open') return opened;
        return { ...opened, object: { ...opened.object, sizeBytes: 2 ** 31 } };
      },
    },
    staging: {
      ...world.ports.staging,
      stage: () => Promise.reject(new Error('must not be read')),
    },
  };
  const outcome = await ingestObject(anArrival({ key: 'a' }), attempt, ports);
  expect(outcome).toMatchObject({ kind: 'held', reason: 'oversize' });
  expect(world.quarantined).toEqual(['a']);
});

test('a version that was taken out of the inbox had its ending before', async () => {
  const world = memoryPorts({});
  const outcome = await ingestObject(anArrival({ key: 'a' }), attempt, world.ports);
  expect(outcome).toEqual({ kind: 'duplicate' });
  expect(world.notices).toEqual([]);
});

test.each([undefined, 'null'])(
  'without versioning (%s), an object that is gone is announced as superseded by its deletion',
  async (versionId) => {
    const world = memoryPorts({});
    const arrival = anArrival({ key: 'a', versionId });
    const outcome = await ingestObject(arrival, attempt, world.ports);
    expect(outcome).toEqual({ kind: 'superseded', by: 'deletion' });
    expect(world.notices).toMatchObject([{ outcome: 'superseded' }]);
  },
);

test("what the partner's policy does not admit is refused without being read, and stays in the inbox", async () => {
  const world = memoryPorts({ 'a.exe': 'x' }, { unscannable: {}, refusedExtensions: ['.exe'] });
  const arrival = anArrival({ key: 'a.exe' });
  await expect(ingestObject(arrival, attempt, world.ports)).rejects.toMatchObject({
    code: 'POLICY_REFUSED',
    disposition: 'dead-letter',
  });
  expect(world.landed.size).toBe(0);
  expect(world.settled).toEqual([]);
});

test("a file that was delivered before the partner's policy refused it may be redelivered", async () => {
  const world = memoryPorts({ 'a.exe': 'x' }, { unscannable: {}, refusedExtensions: ['.exe'] });
  const outcome = await ingestObject(anArrival({ key: 'a.exe' }), again, world.ports);
  expect(outcome.kind).toBe('delivered');
});

test("what could not be scanned is delivered where the partner's policy wants it, and says so", async () => {
  const world = memoryPorts({ a: 'secret' }, { unscannable: { encrypted: 'deliver' } });
  const finding = { reason: 'encrypted', detail: 'a member' } as const;
  const inspection = { kind: 'unscannable', finding, askEngine: true } as const;
  const ports = { ...world.ports, inspector: { inspect: async () => inspection } };
  const outcome = await ingestObject(anArrival({ key: 'a' }), attempt, ports);
  expect(outcome).toMatchObject({ kind: 'delivered', unscanned: 'encrypted: a member' });
  expect(world.landed.get('a')).toBe('secret');
  expect(world.notices).toMatchObject([{ outcome: 'delivered', unscanned: 'encrypted: a member' }]);
});
