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
    'What each client does at the gateway. Every cell is a test in `test/clients/`, which runs the real client and looks at what',
    'S3 has afterwards; `npm run docs:clients` writes this page, and a test fails when it is out of date. An empty cell is a',
    'thing the client has no command for.',
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

- **rclone**: \`set_modtime = false\` and \`shell_type = none\`. The times of S3 objects cannot be set afterwards; without the
  setting, rclone finds another time than it set and copies unchanged files again. \`rclone check\` compares sizes,
  \`rclone check --download\` the bytes: the gateway has no shell to compute checksums with. (It verifies every upload itself.)
- **lftp**: \`mirror -R --ignore-time\` for the same reason.
- **WinSCP**: SFTP, or SCP for plain copies (its own SCP mode wants a shell, which there is none of). Its habit of uploading to
  \`name.filepart\` and renaming at the end works: nothing of the temporary file is delivered, and the renamed one once.
- **OpenSSH \`scp -O\`**: quote as for a remote shell (\`host:two\\\\ words\`); wildcards \`*\` and \`?\` work, a shell's other
  signs are ordinary characters.
- Several large files at a time need a connection each, as rclone and lftp do it by themselves: a connection has 10 MB of
  memory here, which is one part of an upload to S3 and what is on its way.
`;
