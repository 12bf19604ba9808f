import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirlock, type Airlock } from '../support/airlock.ts';
import { watchLanding } from '../support/landing-watch.ts';
import { connectSftp, type SftpConnection } from '../support/sftp-client.ts';

const MIB = 1024 * 1024;

let airlock: Airlock;
beforeAll(async () => {
  airlock = await startAirlock();
});
afterAll(() => airlock[Symbol.asyncDispose]());

type Rename = (partner: SftpConnection, from: string, to: string) => Promise<unknown>;

const plainRename: Rename = ({ ask, sftp }, from, to) => ask((done) => sftp.rename(from, to, done));
const posixRename: Rename = ({ ask, sftp }, from, to) =>
  ask((done) => sftp.ext_openssh_rename(from, to, done));

test.each<[string, string, Rename]>([
  ['WinSCP', '.filepart', plainRename],
  ['rclone', '.a1b2c3d4.partial', posixRename],
])(
  'a file that %s uploads under another name and renames is delivered once, whole',
  async (client, ending, rename) => {
    const { host, port, username, password } = airlock.info.sftp;
    const name = `${client}/report.csv`;
    const bytes = randomBytes(7 * MIB);
    using landing = watchLanding(airlock.info.landingRoot);
    await using partner = await connectSftp({ host, port }, { username, password });
    const { sftp, ask } = partner;
    const handle = await ask<Buffer>((done) => sftp.open(name + ending, 'w', done));
    for (let at = 0; at < bytes.length; at += MIB) {
      await ask((done) => sftp.write(handle, bytes, at, MIB, at, done));
    }
    await ask((done) => sftp.close(handle, done));
    await ask((done) => sftp.utimes(name + ending, 1_000_000_000, 1_000_000_000, done));
    await airlock.noticeOf(name + ending, 'skipped');
    await rename(partner, name + ending, name);
    await airlock.noticeOf(name, 'delivered');
    expect((await readFile(airlock.landed(name))).equals(bytes)).toBe(true);

    // Any further notice of it would have come before that of the next file.
    await ask((done) => sftp.writeFile(`${client}/next`, 'x', done));
    await airlock.noticeOf(`${client}/next`, 'delivered');
    const about = airlock.notices.filter(({ object }) => object?.key?.startsWith(name));
    expect(about.map(({ outcome, object }) => [object?.key, outcome])).toEqual([
      [name + ending, 'skipped'],
      [name, 'delivered'],
    ]);
    const landed = [...landing.touched].filter((each) => each.startsWith(name));
    expect(landed).toEqual([name]);
  },
);
