import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noticeJsonSchema } from '../../../scripts/notice-json-schema.ts';
import { countFindings } from '../../../shared/audit/powertools-measures.ts';
import { DISPOSITION } from '../../../shared/model/ingest-error.ts';
import { measurementsOf } from '../../../shared/notify/powertools-notifier.ts';
import { logEventsOf, pages, ROOT, sourcesOf } from './pages.ts';

const CODE = '{functions,image,shared,gateway,local,ops,examples}';
const sources = await sourcesOf(CODE);
const code = sources.map(({ text }) => text).join('\n');
const templateText = await readFile(join(ROOT, 'template.yaml'), 'utf8');
const everyPage = pages.map(({ text }) => text).join('\n');
const pageOf = (path: string) => {
  const page = pages.find((it) => it.path === path);
  if (!page) throw new Error(`there is no ${path}`);
  return page;
};

const UPPER_CASE = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;
const upperCase = new Set(
  [{ text: templateText }, ...sources, ...(await sourcesOf('{test,bench,scripts}'))].flatMap(
    ({ text }) => text.match(UPPER_CASE) ?? [],
  ),
);
/** In whose place a reader puts values of her own. */
const PLACEHOLDERS = ['ARCHIVE_ARN', 'BUS_ARN', 'RULE_ARN'];
/** The protocol's own names. https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02 */
const OF_SFTP = /^SSH_FXF_/;

test.each(pages)('every code and variable that $path names exists', ({ text }) => {
  const named = text.match(UPPER_CASE) ?? [];
  expect(
    named.filter((it) => !upperCase.has(it) && !PLACEHOLDERS.includes(it) && !OF_SFTP.test(it)),
  ).toEqual([]);
});

test('every error code that the page of failures names is one', () => {
  const { spans } = pageOf('docs/failures.md');
  const codes = spans.filter((span) => /^[A-Z]+(_[A-Z]+)+$/.test(span));
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((it) => !(it in DISPOSITION))).toEqual([]);
});

const upperCamelCase = new Set([...wordsIn(templateText), ...wordsIn(code)]);

test.each(pages)(
  'everything of AWS or of the template that $path names exists',
  ({ spans, blocks }) => {
    const known = (word: string): boolean =>
      upperCamelCase.has(word) || ELSEWHERE.has(word) || blocks.flatMap(wordsIn).includes(word);
    const named = spans.filter((span) => /^[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+$/.test(span));
    expect(named.filter((name) => !known(name))).toEqual([]);
  },
);

/** Names of other programs, and what only an operator calls. */
const ELSEWHERE = new Set(
  (
    'AccessDenied CacheSize DescribeServer GenerateDataKey GetQueueAttributes ListBucket ' +
    'StartServer StopServer StringLike UpdateServer'
  ).split(' '),
);

test('every metric of ours is listed in docs/architecture.md, and no other', async () => {
  const at = '2026-11-21T09:00:00.000Z';
  const measured = [
    ...measurementsOf({
      schema: 'airlock.notice/1',
      id: 'i',
      outcome: 'delivered',
      at,
      object: { bucket: 'b', key: 'k', etag: 'e', sizeBytes: 1, arrivedAt: at },
      scanner: { engine: 'e', signaturesBuiltAt: at },
      stages: { waitMs: 1, stageMs: 1, scanMs: 1, commitMs: 1 },
    }),
    ...measurementsOf({
      schema: 'airlock.notice/1',
      id: 'i',
      outcome: 'held',
      at,
      reason: 'heuristic: Heuristics.Structured',
    }),
    ...countFindings([]),
  ].map(({ name }) => name);
  const added = [...code.matchAll(/addMetric\(\s*'(\w+)'/g)].map(([, name = '']) => name);
  const filtered = [...templateText.matchAll(/MetricNamespace: Airlock\s+MetricName: (\w+)/g)].map(
    ([, name = '']) => name,
  );
  const [, section = ''] =
    /\n## Metrics\n(.*?)\n## /s.exec(pageOf('docs/architecture.md').text) ?? [];
  const listed = [...section.matchAll(/`((?!Airlock`)[A-Z]\w+)`/g)].map(([, name = '']) => name);
  expect(listed.toSorted()).toEqual([...new Set([...measured, ...added, ...filtered])].toSorted());
});

test('the service that a function’s metrics name is the one that its log names', () => {
  const inMetrics = sources.flatMap(({ text }) => firstGroups(text, /serviceName: '([\w-]+)'/g));
  const inLogs = new Set(firstGroups(code, /powertoolsLog\('([\w-]+)'\)/g));
  expect(inMetrics.length).toBeGreaterThan(3);
  expect(inMetrics.filter((service) => !inLogs.has(service))).toEqual([]);
  for (const { path, text } of sources) {
    const [, folder] = /^functions\/([\w-]+)\//.exec(path) ?? [];
    for (const service of firstGroups(text, /powertoolsLog\('([\w-]+)'\)/g)) {
      expect(service, path).toBe(folder);
    }
  }
});

test('every log line that a page quotes is one that the code writes', async () => {
  const events = new Set(await logEventsOf('{functions,shared,gateway}'));
  const quoted = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\blog (?:line|says|lines|has)?:? ?`"?([a-z][a-z0-9' -]* [^`"]*)"?`/gi)].map(
      ([, event = '']) => ({ path, event }),
    ),
  );
  const filters = pages.flatMap(({ path, text }) =>
    firstGroups(text, /--filter-pattern '"([^"]+)"'/g).map((event) => ({ path, event })),
  );
  expect(quoted.length).toBeGreaterThan(5);
  expect([...quoted, ...filters].filter(({ event }) => !events.has(event))).toEqual([]);
});

test('every warning and error that functions log is explained by a page', () => {
  const written = firstGroups(
    sources
      .filter(({ path }) => /^(functions|shared)\//.test(path))
      .map(({ text }) => text)
      .join('\n'),
    /\blog\.(?:warn|error)\(\s*'([^'\n]+)'/g,
  );
  expect(written.length).toBeGreaterThan(8);
  expect([...new Set(written)].filter((event) => !everyPage.includes(`\`${event}`))).toEqual([]);
});

test('the gateway’s page lists the lines of its log, and no other', async () => {
  const [, table = ''] =
    /\n## The log\n.*?\n(\| event .*?)\n\n/s.exec(pageOf('docs/gateway.md').text) ?? [];
  const listed = table
    .split('\n')
    .slice(2)
    .flatMap((row) => firstGroups(row.split(' | ')[0] ?? '', /`([^`]+)`/g));
  const events = (await logEventsOf('gateway')).filter((event) => event.includes(' '));
  expect(listed.toSorted()).toEqual([...new Set(events)].toSorted());
});

test('every field of a notice that its pages name exists', () => {
  const known = new Set(pathsOf(JSON.parse(noticeJsonSchema()).properties));
  const groups = [...known].filter((it) => it.includes('.')).map((it) => it.split('.')[0]);
  for (const path of ['docs/notices.md', 'docs/consumers.md']) {
    const { spans } = pageOf(path);
    const named = spans.filter((span) => groups.includes(span.split('.')[0] ?? ''));
    expect(
      named.filter((span) => !known.has(span)),
      path,
    ).toEqual([]);
  }
  const top = [...known].filter((it) => !it.includes('.'));
  expect(top.filter((field) => !pageOf('docs/notices.md').text.includes(field))).toEqual([]);
});

test('every variable that `npm start` reads is in the README’s table', async () => {
  const main = await readFile(join(ROOT, 'local/main.ts'), 'utf8');
  const { text } = pageOf('README.md');
  const read = firstGroups(main, /(?:process\.env\[|portOf\()'([A-Z_0-9]+)'/g);
  expect(read).toContain('AIRLOCK_HOME');
  expect(read.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
});

function wordsIn(text: string): readonly string[] {
  return text.match(/\b[A-Z]\w+/g) ?? [];
}

function firstGroups(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, group = '']) => group);
}

type Properties = Readonly<Record<string, { readonly properties?: Properties }>>;

/** `id`, `object`, `object.key` ... */
function pathsOf(properties: Properties): readonly string[] {
  return Object.entries(properties).flatMap(([name, { properties: inner = {} }]) => [
    name,
    ...pathsOf(inner).map((path) => `${name}.${path}`),
  ]);
}
