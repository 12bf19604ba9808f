import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EICAR } from '../support/eicar.ts';
import { processesNaming } from '../support/processes.ts';
import { byContent, container as database, EICAR_BY_HASH } from '../support/signature-database.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';
import { build, hasRuntimeClient } from './container.ts';
import { type IngestWorld, startIngestWorld } from './ingest-world.ts';

// Compiled by `npm test`, or it says why not.
const hasClient = await hasRuntimeClient();
const DAILY = database('daily', 10, new Date(), { 'daily.hdb': EICAR_BY_HASH });
const NOTHING_FAILED = { batchItemFailures: [] };

let task: TemporaryDirectory;
beforeAll(async () => {
  task = await temporaryDirectory();
  if (hasClient) await build(task.path);
});
afterAll(() => task[Symbol.asyncDispose]());

/** A world with signatures in force. */
async function started(): Promise<IngestWorld> {
  const world = await startIngestWorld(task.path);
  await world.publish('v1', { 'daily.cud': DAILY });
  return world;
}

describe.skipIf(!hasClient)('the image of the ingest', { concurrent: true }, () => {
  test('waits for clamd in its first invocation; the clean file lands, the infected one does not', async () => {
    await using world = await started();
    const clean = await world.upload('clean.txt', 'harmless');
    const infected = await world.upload('infected.txt', EICAR);
    await using _container = await world.start();

    expect(await world.invoke(clean, infected)).toEqual(NOTHING_FAILED);
    expect(await readdir(world.landing)).toEqual(['clean.txt']);
    expect(await readFile(join(world.landing, 'clean.txt'), 'utf8')).toBe('harmless');

    expect(await world.invoke(await world.upload('second.txt', 'too'))).toEqual(NOTHING_FAILED);
    expect(await readdir(world.landing)).toEqual(['clean.txt', 'second.txt']);
  });

  test('waits until signatures are published, and logs that there are none', async () => {
    await using world = await startIngestWorld(task.path);
    await using container = await world.start();
    const answer = world.invoke(await world.upload('early.txt', 'harmless'));
    await until(container.output, (output) =>
      output.includes('no signatures have been published yet'),
    );
    expect(await readdir(world.landing)).toEqual([]);
    await world.publish('v1', { 'daily.cud': DAILY });
    expect(await answer).toEqual(NOTHING_FAILED);
    expect(await readdir(world.landing)).toEqual(['early.txt']);
  });

  test('a clamd that is killed between two invocations lets nothing through, and is restarted', async () => {
    await using world = await started();
    await using _container = await world.start();
    expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    const killed = await world.clamdPid();
    process.kill(killed, 'SIGKILL');
    const infected = await world.upload('infected.txt', EICAR);
    await until(
      () => world.invoke(infected),
      ({ batchItemFailures }) => batchItemFailures.length === 0,
    );
    expect(await readdir(world.landing)).toEqual(['a.txt']);
    expect(await world.clamdPid()).not.toBe(killed);
  });

  test('a running environment switches to newer signatures without a pause', async () => {
    await using world = await started();
    await using container = await world.start();
    expect(await world.invoke(await world.upload('a.txt', 'a phrase'))).toEqual(NOTHING_FAILED);
    const first = await world.clamdPid();
    await world.publish('v2', {
      'daily.cud': DAILY,
      'x.ndb': byContent('Test.Phrase', 'a phrase'),
    });
    const isUpdated = async (): Promise<boolean> =>
      (await container.output()).split('signatures in service').length > 2;
    // Every file is scanned at once: before, during and after the switch.
    for (let number = 0; !(await isUpdated()); number += 1) {
      const message = await world.upload(`b${number}.txt`, 'harmless');
      expect(await world.invoke(message)).toEqual(NOTHING_FAILED);
    }
    expect(await world.invoke(await world.upload('c.txt', 'a phrase'))).toEqual(NOTHING_FAILED);
    const landed = await readdir(world.landing);
    expect(landed).toContain('a.txt');
    expect(landed).not.toContain('c.txt');
    await until(
      () => processesNaming(world.directory),
      (lines) => lines.filter((line) => line.startsWith('clamd')).length === 1,
    );
    expect(await world.clamdPid()).not.toBe(first);
  });

  test('signatures that do not load, or are not what was published, leave the old ones in service', async () => {
    await using world = await started();
    await using container = await world.start();
    expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    const first = await world.clamdPid();
    await world.publish('v2', { 'daily.cud': DAILY, 'broken.ndb': 'no signature at all' });
    await until(container.output, (output) => /could not be updated.*broken\.ndb/.test(output));
    expect(await world.invoke(await world.upload('eicar.txt', EICAR))).toEqual(NOTHING_FAILED);
    expect(await readdir(world.landing)).toEqual(['a.txt']);
    expect(await world.clamdPid()).toBe(first);
  });

  test('an environment that is frozen for longer than any timeout goes on without a restart', async () => {
    await using world = await started();
    await using container = await world.start({ TIMEOUT_S: '3' });
    expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    const clamd = await world.clamdPid();
    // Frozen while clamd has not yet answered the health checks, which run every second.
    process.kill(clamd, 'SIGSTOP');
    await sleep(1_500);
    container.signal('SIGSTOP');
    await sleep(4_000);
    container.signal('SIGCONT');
    await sleep(300);
    process.kill(clamd, 'SIGCONT');

    expect(await world.invoke(await world.upload('b.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    expect(await world.clamdPid()).toBe(clamd);
    expect(await container.output()).not.toContain('started again');
  });

  test('signatures that are too old let nothing through', async () => {
    await using world = await startIngestWorld(task.path);
    const aWeekAgo = new Date(Date.now() - 8 * 24 * 3_600_000);
    const old = database('daily', 9, aWeekAgo, { 'daily.hdb': EICAR_BY_HASH });
    await world.publish('v1', { 'daily.cud': old });
    await using container = await world.start();
    expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    expect(await readdir(world.landing)).toEqual([]);
    expect(await container.output()).toMatch(/"outcome":"held","reason":"stale-signatures"/);
  });

  test('when the process that supervises clamd dies, it is restarted, and clamd with it', async () => {
    await using world = await started();
    await using container = await world.start();
    expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    const clamd = await world.clamdPid();
    process.kill(await container.pidOf('engine.mjs'), 'SIGKILL');
    const message = await world.upload('eicar.txt', EICAR);
    await until(
      () => world.invoke(message),
      ({ batchItemFailures }) => batchItemFailures.length === 0,
    );
    expect(await readdir(world.landing)).toEqual(['a.txt']);
    await until(
      () => world.clamdPid().catch(() => clamd),
      (pid) => pid !== clamd,
    );
  });

  test('a handler that crashes ends all other processes before the next one starts', async () => {
    await using world = await started();
    await using container = await world.start();
    expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    process.kill(await container.pidOf('client/index.mjs'), 'SIGKILL');
    await until(
      () => processesNaming(world.directory),
      (lines) => lines.length === 0,
    );
    await using _next = await world.start();
    expect(await world.invoke(await world.upload('b.txt', 'harmless'))).toEqual(NOTHING_FAILED);
  });

  test('an invalid environment is reported with the variable', async () => {
    await using world = await startIngestWorld(task.path);
    await using container = await world.start({ LANDING_ROOT: '' });
    expect((await world.api.initError()).errorMessage).toMatch(
      /the environment of the ingest function is invalid: LANDING_ROOT/,
    );
    expect(await container.ended).not.toBe(0);
  });

  test('leaves no process when it is stopped', async () => {
    await using world = await started();
    {
      await using _container = await world.start();
      expect(await world.invoke(await world.upload('a.txt', 'harmless'))).toEqual(NOTHING_FAILED);
    }
    expect(await processesNaming(world.directory)).toEqual([]);
  });
});
