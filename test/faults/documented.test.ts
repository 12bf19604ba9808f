import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DISPOSITION } from '../../shared/model/ingest-error.ts';

const DOCUMENT = new URL('../../docs/failures.md', import.meta.url);

const document = await readFile(DOCUMENT, 'utf8');
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | '))
  .filter(([title]) => title !== 'What goes wrong');

test('every row of docs/failures.md names a test that exists', async () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const cells of rows) {
    expect(cells).toHaveLength(5);
    const [, file = '', title = ''] = /\]\((.*)\): "(.*)"$/.exec(cells.at(-1) ?? '') ?? [];
    const source = await readFile(new URL(file, DOCUMENT), 'utf8');
    const isThere = title !== '' && source.includes(title);
    expect({ row: cells[0], file, title, isThere }).toMatchObject({ isThere: true });
  }
});

test.each(Object.keys(DISPOSITION))(
  'docs/failures.md says what %s means for an operator',
  (code) => {
    const explained = rows.filter(([, , seen]) => seen?.includes(`\`${code}\``));
    expect(explained).not.toEqual([]);
  },
);
