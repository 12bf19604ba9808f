import { expect, test } from 'vitest';
import { refusalOf } from '../../../local/browser-guard.ts';

test.each([
  { host: '127.0.0.1:4566' },
  { host: 'localhost:4566' },
  { host: 'LOCALHOST' },
  { host: '127.0.0.1:1', 'sec-fetch-site': 'none' },
] as const)(
  'a program of this machine, or what a person types into a browser, is let in: %o',
  (headers) => {
    expect(refusalOf(headers)).toBeUndefined();
  },
);

test.each([
  [{ host: 'attacker.example:4566' }, /host "attacker.example:4566"/],
  [{ host: '127.0.0.1.attacker.example' }, /host/],
  [{ host: 'localhost.attacker.example' }, /host/],
  [{}, /host ""/],
  [{ host: '127.0.0.1:1', origin: 'https://attacker.example' }, /of https:\/\/attacker.example/],
  [{ host: '127.0.0.1:1', origin: 'null' }, /of null/],
  // An uploaded HTML file that S3 serves has the origin of S3.
  [{ host: '127.0.0.1:1', origin: 'http://127.0.0.1:1' }, /web pages/],
  [{ host: '127.0.0.1:1', 'sec-fetch-site': 'cross-site' }, /a cross-site one/],
  [{ host: '127.0.0.1:1', 'sec-fetch-site': 'same-site' }, /a same-site one/],
  [{ host: '127.0.0.1:1', 'sec-fetch-site': 'same-origin' }, /a same-origin one/],
] as const)('a web page is refused, and a foreign host: %o', (headers, refusal) => {
  expect(refusalOf(headers)).toMatch(refusal);
});
