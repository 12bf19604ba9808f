import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  expectDelivered,
  startFaultyAirlock,
  untilRetried,
  upload,
} from '../support/faulty-airlock.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const DISK_MB = 64;
const MB = 1_000_000;

test.runIf(mayMount())(
  "the ingest's own disk: what does not fit now is delayed, what never fits is held with that reason",
  async () => {
    await using home = await temporaryDirectory();
    using _disk = await mountMemory(join(home.path, 'tmp'), DISK_MB);
    await using airlock = await startFaultyAirlock({ home: home.path });
    const filler = join(home.path, 'tmp', 'filler');
    await writeFile(filler, Buffer.alloc(50 * MB));
    await upload(airlock, 'waits', Buffer.alloc(20 * MB));
    await untilRetried(airlock, 'waits', 'STAGING_FULL', /20000000 bytes do not fit/);
    await upload(airlock, 'small', 'fits');
    await expectDelivered(airlock, 'small', 'fits');

    await upload(airlock, 'never fits', Buffer.alloc(DISK_MB * MB));
    const { reason } = await airlock.noticeOf('never fits', 'held');
    expect(reason).toMatch(/^oversize: 64000000 bytes; the ingest's disk has room for \d+$/);

    await rm(filler);
    await expectDelivered(airlock, 'waits', Buffer.alloc(20 * MB));
  },
);
