import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const pages = [
  ...(await Array.fromAsync(glob('*.md', { cwd: ROOT }))),
  ...(await Array.fromAsync(glob('{docs,.github}/**/*.md', { cwd: ROOT }))),
].toSorted();

/** `shared/scan/`, `local/{s3,events}/`, `ops/<noun>.ts`: in code spans, below a folder of ours. */
const PATH = /^(?:bench|docs|functions|gateway|image|local|ops|scripts|shared|test)\/[^\s"']*$/;
const FILE_AT_ROOT = /^[\w.-]+\.(?:md|json|yaml|toml|ts)$/;
/** What runs write, and what a reader is to name. */
const NOT_OURS = /^(?:runtime|manifest|report|notices|package-lock)\b|schema\.json$/;

test('there are pages to check', () => {
  expect(pages).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/runbook.md']),
  );
});

test.each(pages)('every path that %s names exists', async (page) => {
  const text = await readFile(join(ROOT, page), 'utf8');
  const missing: string[] = [];
  for (const [, span = ''] of text.replaceAll(/```.*?```/gs, '').matchAll(/`([^`\n]+)`/g)) {
    const path = span.replaceAll(/<[^>]+>/g, '*').replace(/:\d+$/, '');
    if (PATH.test(path) && !(await exists(path))) missing.push(span);
  }
  expect(missing).toEqual([]);
});

test.each(pages)('every link of %s leads somewhere', async (page) => {
  const text = await readFile(join(ROOT, page), 'utf8');
  const broken: string[] = [];
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
    const isThere =
      (await exists(file)) && (anchor === undefined || (await hasAnchor(file, anchor)));
    if (!isThere) broken.push(target);
  }
  expect(broken).toEqual([]);
});

test('every file that CONTRIBUTING or the README names without a folder exists', async () => {
  const missing: string[] = [];
  for (const page of ['README.md', 'CONTRIBUTING.md']) {
    const text = await readFile(join(ROOT, page), 'utf8');
    for (const [, span = ''] of text.replaceAll(/```.*?```/gs, '').matchAll(/`([^`\n]+)`/g)) {
      if (!FILE_AT_ROOT.test(span) || NOT_OURS.test(span)) continue;
      const isThere = (await exists(span)) || (await exists(`**/${span}`));
      if (!isThere) missing.push(`${page}: ${span}`);
    }
  }
  expect(missing).toEqual([]);
});

async function exists(path: string): Promise<boolean> {
  if (!/[*{]/.test(path)) {
    return await access(join(ROOT, path)).then(
      () => true,
      () => false,
    );
  }
  const options = { cwd: ROOT, exclude: (name: string) => name === 'node_modules' };
  for await (const _ of glob(path.replace(/\/$/, ''), options)) return true;
  return false;
}

async function hasAnchor(file: string, anchor: string): Promise<boolean> {
  const text = await readFile(join(ROOT, file), 'utf8');
  return text.split('\n').some((line) => /^#+ /.test(line) && slug(line) === anchor);
}

/** As GitHub names a heading. */
function slug(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');
}
