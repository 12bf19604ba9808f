import { spawnSync } from 'node:child_process';
import { type Cell, type Client, LACK, NO_LINKS, NO_MODES, works } from './client.ts';
import { run, SSH_OPTIONS, type World } from './world.ts';

async function sshVersion(): Promise<string | undefined> {
  const { stderr } = spawnSync('ssh', ['-V'], { encoding: 'utf8' });
  return /OpenSSH_[^\s,]+/.exec(stderr ?? '')?.[0];
}

/** Runs sftp commands in the local folder; `@` is the remote folder. */
function sftp(...commands: string[]) {
  return ({ host, port, username, privateKeyPath, local, remote }: World) =>
    run(
      'sftp',
      ['-b', '-', '-P', String(port), '-i', privateKeyPath, ...SSH_OPTIONS, `${username}@${host}`],
      [`lcd "${local}"`, ...commands.map((each) => each.replaceAll('@', remote)), ''].join('\n'),
    );
}

export const SFTP: Client = {
  name: 'OpenSSH sftp',
  version: sshVersion,
  cells: {
    upload: works(sftp('put file "@/file"')),
    uploadLarge: works(sftp('put large "@/large"')),
    uploadTree: works(sftp('-mkdir "@"', 'put -r tree "@"')),
    overwrite: works(sftp('put file "@/file"')),
    download: works(sftp('get "@/file" fetched')),
    downloadTree: works(sftp('get -r "@/tree" fetched')),
    resumeUpload: works(sftp('reput file "@/file"')),
    resumeDownload: works(sftp('reget "@/file" fetched')),
    rename: works(sftp('rename "@/file" "@/renamed"')),
    replaceByRename: works(sftp('rename "@/file" "@/renamed"')),
    remove: works(sftp('rm "@/file"')),
    makeFolder: works(sftp('mkdir "@/made"')),
    removeFolder: works(sftp('rmdir "@/made"')),
    list: works(sftp('ls -la "@/listed"')),
    size: works(sftp('ls -l "@/file"')),
    keepTime: works(sftp('put -p file "@/file"', 'get -p "@/file" fetched')),
    temporaryName: works(
      sftp('put file "@/final.csv.part"', 'rename "@/final.csv.part" "@/final.csv"'),
    ),
    compare: LACK,
    link: {
      does: 'refuse',
      do: sftp('symlink "@/file" "@/link"'),
      message: /unsupported/i,
      why: NO_LINKS,
    },
    mode: { does: 'ignore', do: sftp('chmod 600 "@/file"'), why: NO_MODES },
    space: works(sftp('df')),
  },
};

/** @param flags `-O` for the old protocol */
function scpClient(name: string, ...flags: string[]): Client {
  // The old protocol assumes that a shell on the server parses the path.
  const quoted = (path: string) =>
    flags.length > 0 ? path.replaceAll(/[^\w/.-]/g, String.raw`\$&`) : path;
  const scp =
    (...args: string[]) =>
    ({ host, port, username, privateKeyPath, local, remote }: World) => {
      const placed = args.map((word) => {
        if (word.startsWith('@')) return `${username}@${host}:${quoted(remote + word.slice(1))}`;
        return word.startsWith('-') ? word : `${local}/${word}`;
      });
      const login = ['-P', String(port), '-i', privateKeyPath, ...SSH_OPTIONS];
      return run('scp', [...flags, ...login, ...placed]);
    };
  const both: Cell = works(async (world) => {
    await scp('-p', 'file', '@/file')(world);
    return scp('-p', '@/file', 'fetched')(world);
  });
  return {
    name,
    version: sshVersion,
    cells: {
      upload: works(scp('file', '@/file')),
      uploadLarge: works(scp('large', '@/large')),
      uploadTree: works(scp('-r', 'tree', '@/tree')),
      overwrite: works(scp('file', '@/file')),
      download: works(scp('@/file', 'fetched')),
      downloadTree: works(scp('-r', '@/tree', 'fetched')),
      resumeUpload: LACK,
      resumeDownload: LACK,
      rename: LACK,
      replaceByRename: LACK,
      remove: LACK,
      makeFolder: LACK,
      removeFolder: LACK,
      list: LACK,
      size: LACK,
      keepTime: both,
      temporaryName: LACK,
      compare: LACK,
      link: LACK,
      mode: LACK,
      space: LACK,
    },
  };
}

export const SCP = scpClient('OpenSSH scp');
export const SCP_OLD = scpClient('OpenSSH scp -O', '-O');
