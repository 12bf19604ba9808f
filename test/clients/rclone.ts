import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, LACK, works } from './client.ts';
import { run, type World } from './world.ts';

/** Runs an rclone command; arguments that begin with `@` are in the remote folder, `./` in the local one. */
function rclone(...words: string[]) {
  return async ({ host, port, username, privateKeyPath, local, remote }: World) => {
    const config = join(local, '..', 'rclone.conf');
    const settings = { type: 'sftp', host, port, user: username, key_file: privateKeyPath };
    const lines = Object.entries({ ...settings, shell_type: 'none', set_modtime: 'false' });
    await writeFile(
      config,
      ['[gateway]', ...lines.map(([name, value]) => `${name} = ${value}`), ''].join('\n'),
    );
    const placed = words.map((word) => {
      if (word.startsWith('@')) return `gateway:${remote}${word.slice(1)}`;
      return word.startsWith('./') ? join(local, word) : word;
    });
    return run('rclone', ['--config', config, '--retries', '1', ...placed]);
  };
}

const twice =
  (first: (world: World) => Promise<string>, second: (world: World) => Promise<string>) =>
  async (world: World) => {
    await first(world);
    return second(world);
  };

export const RCLONE: Client = {
  name: 'rclone',
  version: async () =>
    /rclone v(\S+)/.exec(spawnSync('rclone', ['version'], { encoding: 'utf8' }).stdout ?? '')?.[1],
  cells: {
    upload: works(rclone('copyto', './file', '@/file')),
    uploadLarge: works(rclone('copyto', './large', '@/large')),
    uploadTree: works(
      twice(rclone('copy', './tree', '@/tree'), rclone('check', './tree', '@/tree')),
    ),
    overwrite: works(rclone('copyto', './file', '@/file')),
    download: works(rclone('copyto', '@/file', './fetched')),
    downloadTree: works(rclone('copy', '@/tree', './fetched')),
    resumeUpload: LACK,
    resumeDownload: LACK,
    rename: works(rclone('moveto', '@/file', '@/renamed')),
    replaceByRename: works(rclone('moveto', '@/file', '@/renamed')),
    remove: works(rclone('deletefile', '@/file')),
    makeFolder: works(rclone('mkdir', '@/made')),
    removeFolder: works(rclone('rmdir', '@/made')),
    list: works(rclone('lsf', '@/listed')),
    size: works(rclone('size', '@/file')),
    keepTime: LACK,
    temporaryName: works(
      twice(
        rclone('copyto', './file', '@/final.csv.partial'),
        rclone('moveto', '@/final.csv.partial', '@/final.csv'),
      ),
    ),
    compare: works(rclone('check', '--download', './tree', '@/tree')),
    link: LACK,
    mode: LACK,
    space: works(rclone('about', '@')),
  },
};
