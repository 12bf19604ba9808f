import { expect, test } from 'vitest';
import { mailBody, mailSubject } from '../../../../shared/platform/mail.ts';

test('a subject is what SNS accepts: printable ASCII, at most 100 characters, never empty', () => {
  for (const text of [
    'a\nb',
    'Grüße €',
    '\u0000',
    '',
    ' '.repeat(5),
    'x'.repeat(300),
    '😀'.repeat(90),
  ]) {
    expect(mailSubject(text)).toMatch(/^[ -~]{1,100}$/);
  }
});

test('a body beyond what SNS accepts is truncated, and says so', () => {
  const body = mailBody('ü'.repeat(200_000));
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(262_144);
  expect(body).toMatch(/ü\n\n\(truncated/);
  expect(body).not.toContain('\ufffd');
});
