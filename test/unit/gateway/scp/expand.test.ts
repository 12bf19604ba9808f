import { describe, expect, test } from 'vitest';
import { parseScpCommand } from '../../../../gateway/scp/command.ts';
import { expand } from '../../../../gateway/scp/expand.ts';
import type { SessionContext } from '../../../../gateway/session/context.ts';

const { signal } = new AbortController();

/** A session with these folders, each with some files. */
function sessionWith(folders: readonly string[], files: readonly string[]) {
  const listed: string[] = [];
  const namespace = {
    homes: { kind: 'path', start: '/g/f1' },
    lookup: async (path: string) => ({
      kind:
        path === '/' || path === '/g' || folders.some((name) => `/g/${name}` === path)
          ? 'folder'
          : 'file',
    }),
    async *list(path: string) {
      listed.push(path);
      for (const filename of path === '/' ? ['g'] : path === '/g' ? folders : files)
        yield { filename };
    },
  };
  return { listed, context: { namespace } as unknown as SessionContext };
}

function wordOf(pattern: string) {
  const command = parseScpCommand(`scp -f ${pattern}`);
  if (command?.mode !== 'source') throw new Error('not a source');
  return command.sources[0]!;
}

describe('a word with wildcards', () => {
  const folders = Array.from({ length: 40 }, (_, index) => `f${index}`);

  test('looks into each folder once, however often it is reached', async () => {
    const { context, listed } = sessionWith(folders, ['x']);
    const found = await expand(context, wordOf('/g/*/../*/../*/../*/x'), signal);
    expect(found).toEqual(folders.map((name) => `/g/${name}/x`));
    expect(listed).toEqual(['/g', '/g', '/g', '/g']);
  });

  test('begins at the home unless it begins with a slash', async () => {
    const { context } = sessionWith(folders, ['x', 'y']);
    expect(await expand(context, wordOf('*'), signal)).toEqual(['/g/f1/x', '/g/f1/y']);
    expect(await expand(context, wordOf('~/x*'), signal)).toEqual(['/g/f1/x']);
    expect(await expand(context, wordOf('../f2/y*'), signal)).toEqual(['/g/f2/y']);
    expect(await expand(context, wordOf('/*'), signal)).toEqual(['/g']);
  });

  test('ends when the client is gone', async () => {
    const { context, listed } = sessionWith(folders, ['x']);
    const gone = AbortSignal.abort(new Error('hung up'));
    await expect(expand(context, wordOf('/g/*/x'), gone)).rejects.toThrow('hung up');
    expect(listed).toEqual([]);
  });

  test('is refused when it matches more than 10,000 names', async () => {
    const files = Array.from({ length: 300 }, (_, index) => `x${index}`);
    const { context } = sessionWith(folders, files);
    await expect(expand(context, wordOf('/g/*/x*'), signal)).rejects.toThrow('ask for fewer');
  });
});
