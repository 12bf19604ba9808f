import { describe, expect, test, vi } from 'vitest';
import { formatFile } from '../../../../ops/quarantine/format.ts';
import {
  formatDeadLetter,
  formatEndings,
  formatList,
} from '../../../../ops/dead-letters/format.ts';
import { formatReport, reportOf } from '../../../../ops/ops-error.ts';
import { createOutput, table } from '../../../../ops/output.ts';
import { layOut } from '../../../../ops/table.ts';
import { actLine } from '../../../../local/console/act-log.ts';
import { outcomeLine } from '../../../../local/console/outcome-line.ts';
import type { DeadLetter } from '../../../../shared/dead-letters/dead-letter.ts';
import { reportDeadLetters } from '../../../../shared/dead-letters/dead-letter-report.ts';
import {
  showInvisible,
  showInvisibleInLines,
  visibleJson,
} from '../../../../shared/platform/control-characters.ts';
import { createLog } from '../../../../shared/platform/log.ts';
import { mailBody, mailSubject } from '../../../../shared/platform/mail.ts';
import fc from '../../../support/fast-check.ts';

/** One of each kind that spoofs: bidi, line separator, C1, escape, zero width, tag, noncharacter, lone surrogate. */
const HOSTILE =
  'a\u202egpj.exe\u2028b\u0085c\u009b2J\u001b[2Jd\u200be\u{e0041}f\ufffeg\ud800h\u2066i\ufeffj\nforged';
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;

const deadLetter: DeadLetter = {
  queue: 'ingest',
  messageId: 'm-1',
  code: 'KEY_UNSAFE',
  reason: HOSTILE,
  sentAt: 0,
  bucket: 'inbox',
  key: HOSTILE,
  versionId: 'v',
  sizeBytes: 1,
  partner: HOSTILE,
  tryCount: 1,
  firstReceivedAt: undefined,
  requestId: 'r',
  body: HOSTILE.replace('\n', ''),
};

/** Every text of ours that a person or a parser of lines reads, with the hostile name in it. */
const OUTPUTS: Readonly<Record<string, () => string>> = {
  'a table': () => table([HOSTILE], [[HOSTILE]]),
  'a narrow table': () => layOut(['KEY', 'REASON'], [[HOSTILE, HOSTILE]], 20),
  'dead-letters list': () => formatList([deadLetter], { allCount: 2, inHandCount: 1 }),
  'dead-letters show': () => formatDeadLetter(deadLetter),
  'dead-letters redrive': () =>
    formatEndings(
      [deadLetter],
      new Map([[deadLetter, { kind: 'refused', code: HOSTILE, reason: HOSTILE }]]),
    ),
  'quarantine show': () =>
    formatFile({
      key: HOSTILE,
      versionId: 'v',
      sizeBytes: 1,
      quarantinedAt: '',
      verdict: 'infected',
      finding: HOSTILE,
      sha256: '',
      engine: '',
      uploadedAt: undefined,
      contentType: HOSTILE,
      metadata: { name: HOSTILE },
    }),
  'an outcome of npm start': () =>
    outcomeLine({
      schema: 'airlock.notice/1',
      id: '1',
      outcome: 'held',
      at: '2026-11-21T09:00:00.000Z',
      reason: HOSTILE,
      object: { bucket: 'b', key: HOSTILE, etag: 'e', sizeBytes: 1, arrivedAt: '' },
    }),
  'an act of an operator': () =>
    actLine({
      schema: 'airlock.operator-act/1',
      id: '1',
      at: '2026-11-21T09:00:00.000Z',
      who: { kind: 'os', name: HOSTILE },
      command: 'dead-letters remove',
      reason: HOSTILE,
      parameters: {},
      outcome: 'done',
      subjects: [],
      subjectCount: 0,
    }),
  'a log line': () => {
    const lines: string[] = [];
    createLog((line) => lines.push(line)).error('event', new Error(HOSTILE), { key: HOSTILE });
    return lines.join('\n');
  },
  'the report of dead letters': () =>
    reportDeadLetters(
      [
        {
          kind: 'read',
          queue: 'ingest',
          deadLetters: [deadLetter],
          totalCount: 1,
          retentionMs: 1,
        },
      ],
      'prod',
    )?.body ?? '',
  "a mail's subject": () => mailSubject(HOSTILE),
  JSON: () => visibleJson({ key: HOSTILE }, 2),
};

describe('a name can neither forge a line nor hide', () => {
  test.each(Object.entries(OUTPUTS))('in %s', (_name, output) => {
    const lines = output().split('\n');
    expect(lines.filter((line) => INVISIBLE.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('forged'))).toEqual([]);
  });

  test("in a mail's body, an error and what a command prints, where lines are the text's own", () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    createOutput(false).show({}, () => HOSTILE);
    createOutput(true).show({ HOSTILE }, () => '');
    const printed = log.mock.calls.map(([text]) => String(text));
    log.mockRestore();
    expect(printed).toHaveLength(2);
    const report = showInvisibleInLines(formatReport(reportOf(HOSTILE, 3, { why: HOSTILE })));
    for (const text of [...printed, mailBody(HOSTILE), report]) {
      expect(text.split('\n').filter((line) => INVISIBLE.test(line))).toEqual([]);
    }
  });
});

test('what has a glyph is shown as it is', () => {
  for (const text of ['Q3 📈.csv', 'Übersicht é.pdf', '報告 ١٢٣.txt', 'a b\\c']) {
    expect(showInvisible(text)).toBe(text);
  }
  expect(showInvisible('a\u202eb\u{e0041}')).toBe('a\\u202eb\\u{e0041}');
});

/** Any code units, lone surrogates among them. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((units) => String.fromCharCode(...units));

test('visible JSON is read as the same value, whatever is in it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText, (value, text) => {
      const both = { value, text };
      expect(JSON.stringify(JSON.parse(visibleJson(both, 2)))).toBe(JSON.stringify(both));
    }),
    { numRuns: 50 },
  );
  expect(JSON.parse(visibleJson({ HOSTILE }))).toEqual({ HOSTILE });
});
