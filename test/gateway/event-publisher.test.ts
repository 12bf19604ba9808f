import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRuntime } from '../../local/runtime.ts';
import { runScp } from '../support/scp-client.ts';
import { runSftp } from '../support/sftp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('SFTP and SCP transfers are published on the local bus as the events of AWS Transfer Family', async () => {
  await using home = await temporaryDirectory();
  const events: { type: string; path: unknown }[] = [];
  await using runtime = await startRuntime({
    home: home.path,
    sftpPort: 0,
    signatures: 'test',
    warn: () => {},
    onBus: (bus) =>
      bus.subscribe(({ source, 'detail-type': type, detail }) => {
        if (source === 'aws.transfer') events.push({ type, path: detail['file-path'] });
      }),
  });
  const { sftp, buckets } = runtime.info;
  const file = join(home.path, 'report.csv');
  await writeFile(file, 'a,b');
  expect(await runSftp(sftp, [`put ${file} by-sftp.csv`])).toMatchObject({ code: 0 });
  expect(await runScp(sftp, ['-O', file, ':by-scp.csv'])).toMatchObject({ code: 0 });
  expect(events).toEqual([
    { type: 'SFTP Server File Upload Completed', path: `/${buckets.inbox}/by-sftp.csv` },
    { type: 'SFTP Server File Upload Completed', path: `/${buckets.inbox}/by-scp.csv` },
  ]);
});
