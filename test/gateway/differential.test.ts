import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SFTP_SERVER } from '../support/raw-sftp.ts';
import { DifferentialPlay } from './differential-play.ts';
import { test } from './gateway-test.ts';

/** `GATEWAY_OPERATIONS` sets how many are played. */
const OPERATIONS = Number(process.env['GATEWAY_OPERATIONS'] ?? 2_000);
/** After so many all files are closed and the trees compared. */
const ROUND = 200;

test(
  `${OPERATIONS} random operations of several sessions are answered as OpenSSH's server answers them`,
  { timeout: 120_000 + OPERATIONS * 1_000 },
  async ({ gateway, skip }) => {
    skip(SFTP_SERVER === undefined, 'openssh-sftp-server is not installed');
    const directory = await mkdtemp(join(tmpdir(), 'airlock-sftp-server-'));
    const play = new DifferentialPlay(gateway, SFTP_SERVER ?? '', directory);
    try {
      await play.begin();
      for (let count = 1; count <= OPERATIONS; count++) {
        await play.step();
        if (count % ROUND === 0 || count === OPERATIONS) await play.compareTrees();
      }
      // A play in which hardly anything succeeds would compare nothing.
      const done = [...play.counts.keys()].filter((what) => what.endsWith(' done'));
      expect(done.length).toBeGreaterThan(Math.min(10, OPERATIONS / 100));
    } finally {
      await play.end();
      await rm(directory, { recursive: true });
    }
  },
);
