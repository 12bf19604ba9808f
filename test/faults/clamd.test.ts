import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startAirlock } from '../support/airlock.ts';
import { EICAR } from '../support/eicar.ts';
import {
  expectDelivered,
  expectQuarantined,
  untilRetried,
  upload,
} from '../support/faulty-airlock.ts';
import { watchLanding } from '../support/landing-watch.ts';
import { until } from '../support/until.ts';

// The deadline is 5 seconds before the timeout.
const PARAMETERS = {
  IngestTimeoutS: 7,
  IngestVisibilityTimeoutS: 8,
  RetryBaseS: 1,
  MaxReceiveCount: 30,
};
const content = randomBytes(100_000);

describe.concurrent('clamd', () => {
  test('a clamd that hangs is killed and started again; what waited for it is scanned then', async () => {
    const warnings: string[] = [];
    await using airlock = await startAirlock({
      parameters: PARAMETERS,
      warn: (what) => warnings.push(what),
    });
    using watch = watchLanding(airlock.info.landingRoot);
    const hung = airlock.runtime.processes().clamd ?? 0;
    process.kill(hung, 'SIGSTOP');
    await upload(airlock, 'clean', content);
    await upload(airlock, 'infected', EICAR);
    await untilRetried(airlock, 'clean', 'DEADLINE_NEAR');
    expect(await readdir(airlock.info.landingRoot)).toEqual([]);

    await expectDelivered(airlock, 'clean', content);
    await expectQuarantined(airlock, 'infected');
    expect(watch.touched).not.toContain('infected');
    expect(airlock.runtime.processes().clamd).not.toBe(hung);
    // Whichever is detected first: that it does not reply, or that its scans take too long.
    expect(warnings.join()).toMatch(/clamd ended \(.*, and was killed\)/);
    // Emptied at each start: the killed clamd may have left unpacked files there.
    expect(await readdir(join(airlock.info.logs, '..', 'clamd', 'tmp'))).toEqual([]);
  });

  test('a clamd that pauses for a moment is waited for, not killed', async () => {
    await using airlock = await startAirlock({ parameters: PARAMETERS });
    const paused = airlock.runtime.processes().clamd ?? 0;
    process.kill(paused, 'SIGSTOP');
    await upload(airlock, 'clean', content);
    await untilRetried(airlock, 'clean', 'DEADLINE_NEAR');
    process.kill(paused, 'SIGCONT');

    await expectDelivered(airlock, 'clean', content);
    expect(airlock.runtime.processes().clamd).toBe(paused);
  });

  test('a clamd that is killed again and again delays files, and lets nothing through', async () => {
    await using airlock = await startAirlock({ parameters: PARAMETERS });
    using watch = watchLanding(airlock.info.landingRoot);
    const keys = Array.from({ length: 40 }, (_, index) => `file-${index}`);
    const uploads = Promise.all(
      keys.map((key, index) => upload(airlock, key, index % 4 ? content : EICAR)),
    );
    for (let kills = 0; kills < 3; kills += 1) {
      const { clamd } = airlock.runtime.processes();
      if (clamd !== undefined) process.kill(clamd, 'SIGKILL');
      await until(
        () => airlock.runtime.processes().clamd,
        (pid) => pid !== undefined && pid !== clamd,
      );
    }
    await uploads;
    for (const [index, key] of keys.entries()) {
      if (index % 4) await expectDelivered(airlock, key, content);
      else await expectQuarantined(airlock, key);
    }
    const infected = keys.filter((_key, index) => index % 4 === 0);
    expect(infected.filter((key) => watch.touched.has(key))).toEqual([]);
    const log = await readFile(join(airlock.info.logs, 'IngestFunction.log'), 'utf8');
    expect(log).toContain('SCANNER_UNAVAILABLE');
  });
});
