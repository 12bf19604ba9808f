import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { readTemplate } from '../../local/stack/template.ts';
import { causeOf } from '../../shared/dead-letters/causes.ts';
import { DISPOSITION } from '../../shared/model/ingest-error.ts';
import { runOps } from '../support/installation.ts';

// Each command of the page is a process of its own.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const runbook = await readFile(`${ROOT}docs/runbook.md`, 'utf8');
const alarms = Object.entries((await readTemplate(`${ROOT}template.yaml`)).Resources).filter(
  ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
);

/** Anchor, as GitHub makes it, to the text of its section. */
const sections = new Map(
  runbook
    .split(/^#+ /m)
    .slice(1)
    .map((section) => [anchorOf(section.split('\n', 1)[0] ?? ''), section]),
);

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** Every `npm run ops -- ...` of the page: its noun and verb, and its options. */
function commands(): { readonly words: string; readonly options: readonly string[] }[] {
  const lines = runbook.replaceAll('\\\n', ' ').matchAll(/npm run ops -- ([^`\n]*)/g);
  return [...lines].map(([, text = '']) => {
    const parts = text.replace(/--stack \S+ ?/, '').split(' ');
    const words = parts.slice(0, 2).filter((part) => !part.startsWith('-'));
    const options = parts.filter((part) => part.startsWith('--')).map((part) => part.trim());
    return { words: words.join(' '), options };
  });
}

test('every command in the runbook exists in the CLI, with its options', async () => {
  const byWords = Map.groupBy(commands(), ({ words }) => words);
  expect(byWords.size).toBeGreaterThan(10);
  const unknown = await Promise.all(
    [...byWords].map(async ([words, uses]) => {
      const { stdout } = await runOps('', [...words.split(' ').filter(Boolean), '--help']);
      const known = stdout.startsWith(`Usage: ops ${words}`.trim());
      const options = uses.flatMap((use) => use.options).filter((it) => !stdout.includes(it));
      return known && options.length === 0 ? [] : [`${words} ${options.join(' ')}`];
    }),
  );
  expect(unknown.flat()).toEqual([]);
});

test('every alarm links to its section, which has all five entries', () => {
  expect(alarms.length).toBeGreaterThan(10);
  for (const [logicalId, { Properties }] of alarms) {
    const anchor = /runbook\.md#([\w-]+)/.exec(String(Properties['AlarmDescription']))?.[1] ?? '';
    const section = sections.get(anchor);
    expect([logicalId, anchor, section]).toEqual([logicalId, anchor, expect.any(String)]);
    for (const lead of ['Means', 'Urgency', 'Check', 'Fix', 'Resolved']) {
      expect(section, `${anchor}: ${lead}`).toMatch(new RegExp(`\\*\\*${lead}\\*\\*`, 'i'));
    }
  }
});

test('every link into the runbook, and within it, is valid', async () => {
  const advice = Object.keys(DISPOSITION).map((code) => causeOf(code).advice);
  const sources = await Promise.all(
    ['shared/audit/digest.ts', 'shared/dead-letters/dead-letter-report.ts'].map((path) =>
      readFile(`${ROOT}${path}`, 'utf8'),
    ),
  );
  const links = [...advice, ...sources].flatMap((text) => [
    ...text.matchAll(/docs\/runbook\.md#([\w-]+)/g),
  ]);
  const own = [...runbook.matchAll(/\]\(#([\w-]+)\)/g)];
  expect(links.length).toBeGreaterThan(1);
  for (const [, anchor = ''] of [...links, ...own]) expect([...sections.keys()]).toContain(anchor);
});
