import { describe, expect, test } from 'vitest';
import { parseScpCommand } from '../../../../gateway/scp/command.ts';

describe('a command', () => {
  test.each<[string, object]>([
    ['scp -t x', { mode: 'sink', target: 'x', isRecursive: false, needsFolder: false }],
    [
      'scp -r -p -d -t -- -x',
      { mode: 'sink', target: '-x', isRecursive: true, keepsTimes: true, needsFolder: true },
    ],
    ['scp -v -prt .', { mode: 'sink', target: '.', isRecursive: true, keepsTimes: true }],
    ['scp -t', { mode: 'sink', target: '.' }],
    ['scp -t ~/x.csv', { mode: 'sink', target: './x.csv' }],
    ['scp -t ~', { mode: 'sink', target: '.' }],
    ["scp -t ''", { mode: 'sink', target: '.' }],
    ['scp -t ~tilde', { mode: 'sink', target: '~tilde' }],
    ['scp -f ~/a', { mode: 'source', sources: [['.', '/', 'a']] }],
    ['scp -f a b', { mode: 'source', sources: [['a'], ['b']] }],
  ])('%j is parsed', (command, understood) => {
    expect(parseScpCommand(command)).toMatchObject(understood);
  });

  test.each([
    '',
    'scp',
    'scp x',
    'scp -t -f x',
    'scp -t a b',
    'scp -S id -t x',
    'rm -t x',
    `scp -t ${'x'.repeat(20_000)}`,
  ])('%j is not an scp command', (command) => {
    expect(parseScpCommand(command)).toBeUndefined();
  });
});
