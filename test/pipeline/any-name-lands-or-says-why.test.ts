import { access, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { type Airlock, attributesOf, startAirlock } from '../support/airlock.ts';
import { anArrival } from '../support/builders.ts';
import { EICAR } from '../support/eicar.ts';
import { takeAll, upload } from '../support/faulty-airlock.ts';
import { seededRandom } from '../support/random.ts';
import { connectSftp } from '../support/sftp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { LAST_RESORT_MS, until } from '../support/until.ts';

/** More by hand: `AIRLOCK_TEST_NAMES=1000`. */
const RANDOM_COUNT = Number(process.env['AIRLOCK_TEST_NAMES'] ?? 20);

/** Names that stopped a bus, a queue, a list or a terminal somewhere. */
const AWKWARD = [
  'Q3 📈.csv',
  'a\ufffe.csv',
  'a\uffff.csv',
  '\u{1fffe}\u{10ffff}',
  '\u{10000}/\u{1f4c8}/\ufdd0',
  'moc.\u202etxt',
  'line\u2028separator',
  'control\u0001\u0085',
  `${'📈'.repeat(63)}abc`,
  `too long ${'ü'.repeat(130)}`,
  `${'ä/'.repeat(340)}e`,
  '%F0%9F%93%88+ &"\'<>\\{}',
];

test(
  'an upload with any name lands or has a dead letter that says why, over a restart, too',
  { timeout: LAST_RESORT_MS },
  async () => {
    const next = seededRandom();
    const names = [...AWKWARD, ...Array.from({ length: RANDOM_COUNT }, () => randomName(next))];
    const infected = 'infected \ufffe📈.com';
    await using home = await temporaryDirectory();
    const stored: string[] = [];
    const runs: Airlock[] = [];
    const half = Math.floor(names.length / 2);
    {
      await using first = await startAirlock({ home: home.path });
      stored.push(...(await putAll(first, names.slice(0, half))));
      await upload(first, infected, EICAR);
      await first.noticeOf(infected, 'quarantined');
      expect(await first.versionsOf(first.info.buckets.quarantine, infected)).toHaveLength(1);
      // Some have ended and some have not when the runtime stops.
      await until(
        () => first.notices,
        ({ length }) => length > half / 2,
      );
      runs.push(first);
    }
    await using second = await startAirlock({ home: home.path });
    runs.push(second);
    stored.push(...(await putAll(second, names.slice(half))));
    // Some end while the first run stops.
    await until(missing, ({ length }) => length === 0);

    const ended = endings();
    const { deadLetter, undeliveredEvent } = second.info.queues;
    const letters = new Map(
      (await takeAll(second, deadLetter.url)).map((letter) => [
        (JSON.parse(letter.Body ?? '') as { detail: { object: { key: string } } }).detail.object
          .key,
        attributesOf(letter)['ErrorCode'],
      ]),
    );
    const delivered = stored.filter((name) => ended.get(name) === 'delivered');
    for (const name of delivered) {
      expect(await readFile(second.landed(name), 'utf8')).toBe(name);
    }
    for (const name of stored.filter((one) => !delivered.includes(one))) {
      expect([name, ended.get(name), letters.get(name)]).toEqual([name, 'refused', 'KEY_UNSAFE']);
    }
    for (const name of AWKWARD.slice(0, 7)) expect(ended.get(name)).toBe('delivered');
    expect(await takeAll(second, undeliveredEvent.url)).toEqual([]);
    await expect(access(second.landed(infected))).rejects.toThrow('ENOENT');

    function endings(): ReadonlyMap<string | undefined, string> {
      const notices = runs.flatMap((run) => run.notices);
      return new Map(notices.map(({ object, outcome }) => [object?.key, outcome]));
    }

    function missing(): readonly string[] {
      const now = endings();
      return stored.filter((name) => !now.has(name));
    }
  },
);

test('what was uploaded under such names and did not end is ingested after a restart', async () => {
  await using home = await temporaryDirectory();
  {
    const parameters = { ClamdSocket: '/nonexistent/clamd.sock' };
    await using scannerless = await startAirlock({ home: home.path, parameters });
    for (const key of AWKWARD.slice(0, 4)) await upload(scannerless, key, key);
  }
  await using last = await startAirlock({ home: home.path });
  expect(last.runtime.resumedCount).toBe(4);
  for (const key of AWKWARD.slice(0, 4)) await last.noticeOf(key);
});

test('the largest key that S3 takes fits a message, however it is escaped', () => {
  const key = '\uffff'.repeat(341);
  const body = encodeArrival(anArrival({ key }));
  expect(Buffer.byteLength(body)).toBeLessThan(262_144);
  expect(body).toMatch(/^[\u0020-\u007e]*$/);
});

/** @returns the names that the server said it stored; the others it refused in words. */
async function putAll(airlock: Airlock, names: readonly string[]): Promise<readonly string[]> {
  const { sftp } = airlock.info;
  await using connection = await connectSftp(sftp, sftp);
  const stored: string[] = [];
  const refused: string[] = [];
  for (const name of names) {
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>();
    connection.sftp.writeFile(name, name, resolve);
    const error = await promise;
    if (error) refused.push(error.message);
    else stored.push(name);
  }
  expect(refused.filter((message) => !/\w+ \w+/.test(message))).toEqual([]);
  return stored;
}

/** Characters of all planes, and sometimes a folder. */
function randomName(next: () => number): string {
  const length = 1 + Math.floor(next() * 40);
  const characters = Array.from({ length }, () => {
    const plane = next() < 0.5 ? 0 : Math.floor(next() * 17);
    const point = plane * 0x10000 + Math.floor(next() * (next() < 0.3 ? 0x100 : 0x10000));
    const isHalf = point >= 0xd800 && point <= 0xdfff;
    return point === 0 || isHalf ? 'x' : String.fromCodePoint(point);
  });
  return characters.join('');
}
