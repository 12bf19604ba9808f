import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { NOUNS } from '../../../ops/nouns.ts';
import { logEventsOf, pages, ROOT, sourcesOf } from './pages.ts';

/** npm's own. */
const NPM = ['ci', 'install', 'version', 'test', 'start'];

const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const program = await opsProgram();
const gatewayOptions: readonly string[] =
  (await readFile(join(ROOT, 'gateway/options.ts'), 'utf8')).match(/--[a-z][a-z-]+/g) ?? [];
const nouns = new Map(program.commands.map((noun) => [noun.name(), noun]));

/** `npm run ops -- dead-letters redrive --id ID` in text and blocks, by page. */
const uses = pages.flatMap(({ path, text }) => {
  const lines = text.replaceAll('\\\n', ' ').matchAll(/npm run ops -- ([^`\n|#]*)/g);
  return [...lines].map(([, words = '']) => ({ path, words: words.trim().split(/\s+/) }));
});

test.each(pages)('every npm command that $path names is a script', ({ text }) => {
  const named = [...text.matchAll(/(?<![\w.])npm (run )?(?:-s )?([a-z][\w:-]*)/g)]
    .filter(([, run, name = '']) => run !== undefined || name in manifest.scripts)
    .map(([, , name = '']) => name);
  const unknown = named.filter((name) => !(name in manifest.scripts) && !NPM.includes(name));
  expect(unknown).toEqual([]);
});

test('every operator’s command that a page names exists, with its options', () => {
  expect(uses.length).toBeGreaterThan(30);
  expect(
    uses.flatMap(({ path, words }) => mistakesIn(words).map((it) => `${path}: ${it}`)),
  ).toEqual([]);
});

test('so does every one that a page names without npm', async () => {
  const events = await logEventsOf('{functions,shared}');
  // The change log also names what was.
  const now = pages.filter(({ path }) => path !== 'CHANGELOG.md');
  const named = now.flatMap(({ path, spans }) =>
    spans
      .filter((span) => !events.includes(span))
      .map((span) => span.replace(/^ops /, '').split(' '))
      .filter(([noun = '', verb = '']) => nouns.has(noun) && /^[a-z-]+$/.test(verb))
      .flatMap((words) => mistakesIn(words).map((it) => `${path}: ${it}`)),
  );
  expect(named).toEqual([]);
});

test('every operator’s command is named by a page', () => {
  const text = pages.map((page) => page.text).join('\n');
  const partners = pages.find(({ path }) => path === 'docs/partners.md')?.text ?? '';
  const unnamed = [...nouns].flatMap(([noun, { commands }]) =>
    commands
      .map((verb) => verb.name())
      .filter((verb) => !new RegExp(`\\b${noun} ${verb}\\b`).test(text))
      .filter((verb) => noun !== 'partner' || !new RegExp(`\`${verb}\\b`).test(partners))
      .map((verb) => `${noun} ${verb}`),
  );
  expect(unnamed).toEqual([]);
});

test('every option that a page names by itself is one of ours', async () => {
  const known = new Set([
    ...optionsOf(program),
    ...[...nouns.values()].flatMap((noun) => [noun, ...noun.commands].flatMap(optionsOf)),
    ...gatewayOptions,
    // Node's.
    '--expose-gc',
    '--max-semi-space-size',
    ...(await sourcesOf('{scripts,bench,test/model,test/clients}')).flatMap(
      ({ text }) => text.match(/--[a-z][a-z-]+/g) ?? [],
    ),
  ]);
  const unknown = pages.flatMap(({ path, spans }) =>
    spans
      .flatMap((span) => /^--[a-z][a-z-]+/.exec(span)?.[0] ?? [])
      .filter((option) => !known.has(option))
      .map((option) => `${path}: ${option}`),
  );
  expect(unknown).toEqual([]);
});

test('every option of the gateway that its page names exists', () => {
  const page = pages.find(({ path }) => path === 'docs/gateway.md');
  const lines = page?.text.replaceAll('\\\n', ' ').match(/npm run gateway -- [^`\n]*/g) ?? [];
  const named = lines.flatMap((line) => line.match(/--[a-z][a-z-]+/g) ?? []);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((it) => !gatewayOptions.includes(it))).toEqual([]);
});

/** What is wrong with the words of a command; none where it is right. */
function mistakesIn(all: readonly string[]): readonly string[] {
  const shared = optionsOf(program);
  const words = all.filter((_word, index) => !['--stack', '--home'].includes(all[index - 1] ?? ''));
  const [name = '', second = ''] = words.filter((word) => !shared.includes(word));
  if (name === '' || name.startsWith('-')) return [];
  const noun = nouns.get(name);
  if (!noun) return [`there is no ${name}`];
  const verb = noun.commands.find((it) => it.name() === second);
  const isVerb = noun.commands.length > 0 && /^[a-z][a-z-]*$/.test(second);
  if (isVerb && !verb) return [`there is no ${name} ${second}`];
  const known = [...shared, ...optionsOf(noun), ...(verb ? optionsOf(verb) : [])];
  return words
    .filter((word) => word.startsWith('--') && word !== '--' && !known.includes(word))
    .map((word) => `${name} ${second} has no ${word}`);
}

function optionsOf(command: Command): readonly string[] {
  return [...command.options.map(({ long }) => long ?? ''), '--help', '--version'];
}

/** As ops/main.ts builds it, which runs at once. */
async function opsProgram(): Promise<Command> {
  const main = await readFile(join(ROOT, 'ops/main.ts'), 'utf8');
  const ops = new Command('ops');
  for (const [, flags = ''] of main.matchAll(/\.option\(\s*'(--[^']+)'/g)) ops.option(flags);
  for (const [name, { load }] of Object.entries(NOUNS)) {
    (await load()).register(ops.command(name));
  }
  return ops;
}
