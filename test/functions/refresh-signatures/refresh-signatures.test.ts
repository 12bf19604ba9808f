import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HARMLESS } from '../../../shared/signatures/samples.ts';
import { byContent, container, EICAR_BY_HASH } from '../../support/signature-database.ts';
import { NEVER, type Refreshing, startRefreshing } from './refreshing.ts';

const TODAY = new Date();
const LISTS = { 'daily.hdb': EICAR_BY_HASH, 'daily.ndb': byContent('Test.Phrase', 'a bad phrase') };

/** Number 10 has been on the mirror for an hour; all others are newer than the last check. */
function putDaily(world: Refreshing, number: number, lists: Record<string, string> = LISTS): void {
  const modifiedAt = new Date(TODAY.getTime() + (number === 10 ? -3_600_000 : 3_600_000));
  world.mirror.put('daily.cud', container('daily', number, TODAY, lists), modifiedAt);
}

/** A world in which version 10 of the daily signatures is in force. */
async function published(environment?: Record<string, string>): Promise<Refreshing> {
  const world = await startRefreshing(['daily.cud'], environment);
  putDaily(world, 10);
  expect(await world.refresh()).toMatchObject({ result: 'published' });
  return world;
}

/** The run fails with the reason, and nothing changes. */
async function expectRefused(world: Refreshing, why: RegExp): Promise<void> {
  const before = { current: await world.current(), versions: await world.store.versions(NEVER) };
  await expect(world.refresh()).rejects.toThrow(why);
  expect(await world.current()).toBe(before.current);
  expect(await world.store.versions(NEVER)).toEqual(before.versions);
}

describe.concurrent('refresh-signatures', () => {
  test('publishes what freshclam fetched, with the version that clamd reports for it', async () => {
    await using world = await published();
    const current = await world.store.current(NEVER);
    expect(current?.manifest).toMatchObject({
      engine: expect.stringMatching(/^ClamAV 1\.\d+\.\d+\/10\//),
      builtAt: `${TODAY.toISOString().slice(0, 16)}:00.000Z`,
      files: [{ name: 'daily.cud', header: { number: 10 } }],
    });
    const folder = `versions/${await world.current()}`;
    expect(await world.keys('versions/')).toEqual([
      `${folder}/daily.cud`,
      `${folder}/manifest.json`,
    ]);
    expect(await world.metric('SignaturesPublished')).toEqual([1]);
    const [ageH = 99] = await world.metric('SignatureAgeH');
    expect(ageH).toBeLessThan(0.1);
  });

  test('fetches only what is newer, and publishes nothing if nothing is', async () => {
    await using world = await published();
    const first = await world.current();
    expect(await world.refresh()).toEqual({ result: 'unchanged' });
    expect(world.mirror.answers).toEqual(['GET daily.cud 200', 'GET daily.cud 304']);
    putDaily(world, 11);
    expect(await world.refresh()).toMatchObject({ result: 'published' });
    expect(world.mirror.answers.at(-1)).toBe('GET daily.cud 200');
    expect(await world.current()).not.toBe(first);
  });

  test('keeps the identity of freshclam', async () => {
    await using world = await published();
    const before = await world.get('state/freshclam.dat');
    expect(before).toContain('FreshClamData');
    await world.refresh();
    expect(await world.get('state/freshclam.dat')).toBe(before);
  });

  test('refuses a database that is broken', async () => {
    await using world = await published();
    const inAnHour = new Date(TODAY.getTime() + 3_600_000);
    world.mirror.put('daily.cud', 'ClamAV-VDB:nonsense'.padEnd(600), inAnHour);
    await expectRefused(
      world,
      /freshclam could not update the database \(exit code \d+\): .*daily\.cud/,
    );
  });

  test('refuses a database without EICAR', async () => {
    await using world = await published();
    putDaily(world, 11, { 'daily.ndb': LISTS['daily.ndb'] });
    await expectRefused(world, /not published: it does not find eicar\.com/);
    expect(await world.metric('SignaturesRefused')).toEqual([1]);
    // The age of the version in force is still reported.
    expect(await world.metric('SignatureAgeH')).toHaveLength(2);
  });

  test('refuses a database that finds something in a harmless file', async () => {
    await using world = await published();
    putDaily(world, 11, { ...LISTS, 'daily.ndb': byContent('Test.TooMuch', 'the orders') });
    await expectRefused(world, /it finds Test\.TooMuch\S* in harmless readme\.txt/);
  });

  test('refuses a database that takes too much memory', async () => {
    await using world = await startRefreshing(['daily.cud'], { MEMORY_CAP_MB: '1' });
    putDaily(world, 10);
    await expectRefused(world, /it takes \d+ MiB of memory, more than the 1 that are allowed/);
  });

  test('refuses a database that is older than the one in force', async () => {
    await using world = await published();
    putDaily(world, 11);
    await world.refresh();
    putDaily(world, 9);
    await expectRefused(world, /daily is version 9; version 11 of it is in force/);
  });

  test('leaves everything as it is when the mirror does not answer', async () => {
    await using world = await published();
    world.mirror.remove('daily.cud');
    await expectRefused(world, /freshclam could not update the database/);
  });

  test('asks a private mirror if one is configured, and publishes nothing that it does not have', async () => {
    await using other = await published();
    const DATABASE_MIRROR = other.mirror.urlOf('private');
    await using world = await startRefreshing([], { DATABASE_MIRROR });
    await expectRefused(world, /freshclam could not update the database .*Failed to find daily/);
    expect(other.mirror.answers).toContain('GET private/daily.cvd 404');
  });

  test('adds custom signatures, and allows files by their hash', async () => {
    await using world = await published();
    await world.put('custom/acme.ndb', byContent('Acme.Orders', 'Good morning'));
    await expectRefused(world, /it finds Acme\.Orders\S* in harmless readme\.txt/);

    const readme = HARMLESS.find(({ name }) => name === 'readme.txt')?.content ?? Buffer.alloc(0);
    const letter = HARMLESS.find(({ name }) => name === 'letter.rtf')?.content ?? Buffer.alloc(0);
    await world.put('custom/allowed.sfp', [readme, letter].map(allowed).join(''));
    expect(await world.refresh()).toMatchObject({ result: 'published' });
    const current = await world.store.current(NEVER);
    expect(current?.manifest.files.map(({ name }) => name)).toEqual([
      'custom-acme.ndb',
      'custom-allowed.sfp',
      'daily.cud',
    ]);

    await world.remove('custom/acme.ndb');
    await world.remove('custom/allowed.sfp');
    await world.refresh();
    const after = await world.store.current(NEVER);
    expect(after?.manifest.files.map(({ name }) => name)).toEqual(['daily.cud']);
  });

  test('names a custom file that clamd would ignore', async () => {
    await using world = await published();
    await world.put('custom/acme.txt', 'whatever');
    await expectRefused(world, /custom\/acme\.txt is not a signature file that clamd loads/);
  });

  test('keeps the configured number of versions, and removes older and incomplete ones', async () => {
    await using world = await published();
    await world.put('versions/20200101T000000000Z/daily.cud', 'never completed');
    for (const number of [11, 12, 13]) {
      putDaily(world, number);
      await world.refresh();
    }
    const versions = await world.store.versions(NEVER);
    expect(versions.map(({ isComplete }) => isComplete)).toEqual([true, true, true]);
    expect(versions[0]?.version).toBe(await world.current());
  });

  test('after a rollback publishes nothing until it is released', async () => {
    await using world = await published();
    const first = (await world.current()) ?? '';
    putDaily(world, 11);
    await world.refresh();
    const second = await world.store.current(NEVER);
    const switchedAt = Date.now();
    await world.store.switchTo(first, second, { isPinned: true, switchedAt }, NEVER);
    expect(await world.current()).toBe(first);
    const { length } = world.mirror.answers;
    expect(await world.refresh()).toEqual({ result: 'pinned' });
    expect(world.mirror.answers).toHaveLength(length);

    const pinned = await world.store.current(NEVER);
    await world.store.switchTo(first, pinned, { isPinned: false, switchedAt }, NEVER);
    expect(await world.refresh()).toMatchObject({ result: 'published' });
  });

  test('a switch changes nothing when another one came first', async () => {
    await using world = await published();
    const stale = await world.store.current(NEVER);
    putDaily(world, 11);
    await world.refresh();
    const current = await world.current();
    await expect(
      world.store.switchTo(
        stale?.pointer.version ?? '',
        stale,
        { isPinned: true, switchedAt: 0 },
        NEVER,
      ),
    ).rejects.toThrow(/other signatures were put in force meanwhile/);
    await expect(
      world.store.switchTo(current ?? '', undefined, { isPinned: true, switchedAt: 0 }, NEVER),
    ).rejects.toThrow(/other signatures were put in force meanwhile/);
    expect(await world.current()).toBe(current);
  });
});

/** An entry of an allow-list: the hash of a whole file. */
function allowed(content: Buffer): string {
  return `${createHash('sha256').update(content).digest('hex')}:${content.length}:Acme.Allowed\n`;
}
