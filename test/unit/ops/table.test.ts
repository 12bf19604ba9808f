import { expect, test } from 'vitest';
import { cut, layOut, widthOf } from '../../../ops/table.ts';

const LONG = `acme/${'x'.repeat(300)}/report.csv`;
const HEADINGS = ['ID', 'SINCE', 'PARTNER', 'KEY', 'REASON'];
const ROW = ['1a2b3c4d', '11-25 13:31Z', 'acme', LONG, 'a file exists where a folder is needed'];

const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf));

test.each([60, 80, 100, 200])('a table with a key of 300 bytes fits into %d columns', (columns) => {
  const text = layOut(HEADINGS, [ROW, ROW], columns);
  expect(widest(text)).toBeLessThanOrEqual(columns);
  expect(text).toContain('1a2b3c4d');
  expect(text).toMatch(/acme\/x*…x*.*report\.csv|acme.*…/);
});

test('a long key is cut in the middle, so that its beginning and its end are seen', () => {
  expect(cut('acme/in/report-2026.csv', 12)).toBe('acme/i…6.csv');
  expect(widthOf(cut('報告報告報告報告', 9))).toBeLessThanOrEqual(9);
});

test('in a pipe nothing is cut', () => {
  expect(layOut(HEADINGS, [ROW], Number.POSITIVE_INFINITY)).toContain(LONG);
});

test('where a row does not fit, its facts are listed below each other', () => {
  const text = layOut(HEADINGS, [ROW], 40);
  expect(text.split('\n')).toHaveLength(HEADINGS.length);
  expect(text).toMatch(/^ID {7}1a2b3c4d$/m);
});

test('wide letters and pictures count for two columns', () => {
  expect(widthOf('a報📈')).toBe(5);
  const [head = '', row = ''] = layOut(['A', 'B'], [['報告', 'x']], 80).split('\n');
  expect(head.indexOf('B')).toBe(6);
  expect(row).toBe('報告  x');
});
