import { spawnSync } from 'node:child_process';
import { type Client, LACK, NO_LINKS, NO_MODES, works } from './client.ts';
import { run, type World } from './world.ts';

/** Debian's Python, which has Debian's paramiko; another one may come first in PATH. */
const PYTHON = '/usr/bin/python3';

const PRELUDE = `
import os, sys, paramiko
host, port, user, key, local, remote = sys.argv[1:7]
os.chdir(local)
transport = paramiko.Transport((host, int(port)))
transport.connect(username=user, pkey=paramiko.Ed25519Key.from_private_key_file(key))
sftp = paramiko.SFTPClient.from_transport(transport)
r = remote + '/'
`;

function python(...lines: string[]) {
  return ({ host, port, username, privateKeyPath, local, remote }: World) =>
    run(
      PYTHON,
      ['-', host, String(port), username, privateKeyPath, local, remote],
      [
        PRELUDE,
        'try:',
        ...lines.map((line) => `    ${line}`),
        'finally:',
        '    transport.close()',
        '',
      ].join('\n'),
    );
}

export const PARAMIKO: Client = {
  name: 'paramiko',
  version: async () =>
    spawnSync(PYTHON, ['-c', 'import paramiko; print(paramiko.__version__)'], {
      encoding: 'utf8',
    }).stdout?.trim() || undefined,
  cells: {
    // `put` checks the size afterwards, and fails if it differs.
    upload: works(python("sftp.put('file', r + 'file')")),
    uploadLarge: works(python("sftp.put('large', r + 'large')")),
    uploadTree: LACK,
    overwrite: works(python("sftp.put('file', r + 'file')")),
    download: works(python("sftp.get(r + 'file', 'fetched')")),
    downloadTree: LACK,
    resumeUpload: works(
      python(
        "f = sftp.open(r + 'file', 'ab')",
        "here = open('file', 'rb')",
        'here.seek(f.tell())',
        'f.write(here.read())',
        'f.close()',
      ),
    ),
    resumeDownload: works(
      python(
        "f = sftp.open(r + 'file', 'rb')",
        "here = open('fetched', 'ab')",
        'f.seek(here.tell())',
        'here.write(f.read())',
        'here.close()',
      ),
    ),
    rename: works(python("sftp.rename(r + 'file', r + 'renamed')")),
    replaceByRename: works(python("sftp.posix_rename(r + 'file', r + 'renamed')")),
    remove: works(python("sftp.remove(r + 'file')")),
    makeFolder: works(python("sftp.mkdir(r + 'made')")),
    removeFolder: works(python("sftp.rmdir(r + 'made')")),
    list: works(python("print(sftp.listdir(r + 'listed'))")),
    size: works(python("print(sftp.stat(r + 'file').st_size)")),
    keepTime: {
      does: 'ignore',
      do: python("sftp.put('file', r + 'file')", "sftp.utime(r + 'file', (10**9, 10**9))"),
      why: 'It sets the time by path after the upload; S3 could store it only as another upload.',
    },
    temporaryName: works(
      python(
        "sftp.put('file', r + 'final.csv.tmp')",
        "sftp.posix_rename(r + 'final.csv.tmp', r + 'final.csv')",
      ),
    ),
    compare: LACK,
    link: {
      does: 'refuse',
      do: python("sftp.symlink('file', r + 'link')"),
      message: /symbolic links are not supported/,
      why: NO_LINKS,
    },
    mode: { does: 'ignore', do: python("sftp.chmod(r + 'file', 0o600)"), why: NO_MODES },
    space: LACK,
  },
};
