import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export type Page = {
  readonly path: string;
  readonly text: string;
  /** The code spans outside of blocks, without their quotes. */
  readonly spans: readonly string[];
  /** What the fenced blocks contain. */
  readonly blocks: readonly string[];
};

/** Every page that people read, the pages of `.github/` aside. */
export const pages: readonly Page[] = await Promise.all(
  [
    ...(await Array.fromAsync(glob('*.md', { cwd: ROOT }))),
    ...(await Array.fromAsync(glob('docs/**/*.md', { cwd: ROOT }))),
  ]
    .toSorted()
    .map(async (path) => {
      const text = await readFile(join(ROOT, path), 'utf8');
      const blocks = [...text.matchAll(/```\w*[^\n]*\n(.*?)```/gs)].map(([, block = '']) => block);
      const prose = text.replaceAll(/```.*?```/gs, '');
      const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, span = '']) =>
        span.replaceAll(/\s+/g, ' '),
      );
      return { path, text, spans, blocks };
    }),
);

/** Path and text of all files of these folders, TypeScript and such alone. */
export async function sourcesOf(
  folders: string,
  kind = '{ts,mjs,sh,hdb}',
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const paths = await Array.fromAsync(glob(`${folders}/**/*.${kind}`, { cwd: ROOT }));
  return await Promise.all(
    paths
      .filter((path) => !path.includes('node_modules'))
      .map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })),
  );
}

/** What the code below these folders writes into logs: fixed strings. */
export async function logEventsOf(folders: string): Promise<readonly string[]> {
  const written = /(?:\b(?:log|write|audit)|\.(?:info|warn|error))\(\s*'([^'\n]+)'/gi;
  return (await sourcesOf(folders)).flatMap(({ text }) =>
    [...text.matchAll(written)].map(([, event = '']) => event),
  );
}
