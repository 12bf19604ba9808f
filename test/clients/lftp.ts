import { spawnSync } from 'node:child_process';
import { type Client, LACK, NO_LINKS, NO_MODES, works } from './client.ts';
import { run, SSH_OPTIONS, type World } from './world.ts';

/** Runs lftp commands in the local folder; `@` is the remote folder. */
function lftp(...commands: string[]) {
  return ({ host, port, username, privateKeyPath, local, remote }: World) => {
    const ssh = ['ssh', '-a', '-x', '-i', privateKeyPath, ...SSH_OPTIONS].join(' ');
    const script = [
      `set sftp:connect-program "${ssh}"`,
      'set net:max-retries 1',
      'set net:timeout 20',
      'set cmd:fail-exit yes',
      `open -p ${port} sftp://${username}:none@${host}`,
      `lcd "${local}"`,
      ...commands.map((command) => command.replaceAll('@', remote)),
    ];
    return run('lftp', ['--norc', '-c', script.join('; ')]);
  };
}

export const LFTP: Client = {
  name: 'lftp',
  version: async () =>
    /LFTP \| Version (\S+)/.exec(
      spawnSync('lftp', ['--version'], { encoding: 'utf8' }).stdout ?? '',
    )?.[1],
  cells: {
    upload: works(lftp('put file -o "@/file"')),
    uploadLarge: works(lftp('put large -o "@/large"')),
    uploadTree: works(lftp('mirror -R tree "@/tree"')),
    overwrite: works(lftp('put file -o "@/file"')),
    download: works(lftp('get "@/file" -o fetched')),
    downloadTree: works(lftp('mirror "@/tree" fetched')),
    resumeUpload: works(lftp('put -c file -o "@/file"')),
    resumeDownload: works(lftp('get -c "@/file" -o fetched')),
    rename: works(lftp('mv "@/file" "@/renamed"')),
    replaceByRename: {
      does: 'refuse',
      do: lftp('mv "@/file" "@/renamed"'),
      message: /target exists/,
      why: 'lftp uses the plain rename of SFTP 3, which must not replace a file.',
    },
    remove: works(lftp('rm "@/file"')),
    makeFolder: works(lftp('mkdir "@/made"')),
    removeFolder: works(lftp('rmdir "@/made"')),
    list: works(lftp('cls -la "@/listed"')),
    size: works(lftp('cls -l "@/file"')),
    keepTime: works(lftp('put file -o "@/file"', 'get "@/file" -o fetched')),
    temporaryName: works(
      lftp('put file -o "@/final.csv.part"', 'mv "@/final.csv.part" "@/final.csv"'),
    ),
    compare: works(lftp('mirror -R --ignore-time --dry-run tree "@/tree"')),
    link: {
      does: 'refuse',
      do: lftp('ln -s file "@/link"'),
      message: /symbolic links|not supported|unsupported/i,
      why: NO_LINKS,
    },
    mode: { does: 'ignore', do: lftp('chmod 600 "@/file"'), why: NO_MODES },
    space: LACK,
  },
};
