import type { Cell } from './client.ts';
import { CLIENTS } from './clients.ts';
import { type OperationId, OPERATIONS } from './operations.ts';

const SIGNS = { work: 'yes', refuse: 'refused', ignore: 'no effect', lack: '' } as const;

/** docs/clients.md, from the table that the tests run through. */
export function clientsPage(): string {
  const notes: string[] = [];
  const noteOf = (cell: Cell): string => {
    if (cell.does === 'work' || cell.does === 'lack') return '';
    if (!notes.includes(cell.why)) notes.push(cell.why);
    return ` [${notes.indexOf(cell.why) + 1}]`;
  };
  const ids = Object.keys(OPERATIONS) as OperationId[];
  const rows = ids.map((id) => {
    const cells = CLIENTS.map(({ cells: { [id]: cell } }) => `${SIGNS[cell.does]}${noteOf(cell)}`);
    return `| ${OPERATIONS[id].title} | ${cells.join(' | ')} |`;
  });
  return [
    '# Clients',
    '',
    'What works with each client. Every cell is a test in `test/clients/`, which runs the real client and checks what S3 has',
    'afterwards. `npm run docs:clients` writes this page, and a test fails when it is out of date. An empty cell means that the',
    'client has no such command.',
    '',
    `| | ${CLIENTS.map(({ name }) => name).join(' | ')} |`,
    `|---|${CLIENTS.map(() => '---|').join('')}`,
    ...rows,
    '',
    ...notes.map((why, index) => `${index + 1}. ${why}`),
    '',
    ADVICE,
  ].join('\n');
}

const ADVICE = `## Settings that help

- **rclone**: \`set_modtime = false\` and \`shell_type = none\`. The time of an S3 object cannot be set after the upload; without
  the setting, rclone finds a different time and copies unchanged files again. \`rclone check\` compares sizes,
  \`rclone check --download\` the bytes: the gateway has no shell to compute checksums with. (It verifies every upload itself.)
- **lftp**: \`mirror -R --ignore-time\` for the same reason.
- **WinSCP**: SFTP, or SCP for plain copies (its own SCP mode needs a shell, which the gateway does not have). Uploading to
  \`name.filepart\` and renaming at the end works: the temporary file is not delivered, and the renamed one once.
- **OpenSSH \`scp -O\`**: quote as for a remote shell (\`host:two\\\\ words\`); the wildcards \`*\` and \`?\` work, other shell
  syntax is ordinary characters.
- Upload several large files at once over a connection each, as rclone and lftp do by themselves: the memory of a connection
  is limited to 10 MB, enough for one part of an upload to S3 and the bytes that follow it. Files that are written in turns
  over one connection share a reserve of the whole server.
- Watch the answer to CLOSE: it alone says that S3 has the file. curl and paramiko drop it; for them everything that can be
  known before is refused at OPEN.
`;
