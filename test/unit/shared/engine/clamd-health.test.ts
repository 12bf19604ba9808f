import { expect, test } from 'vitest';
import { watchForHang } from '../../../../shared/engine/clamd-health.ts';
import { IngestError } from '../../../../shared/model/ingest-error.ts';

const OPTIONS = { askEveryMs: 1, answerMs: 1, timeoutLimit: 2, loadingMs: 60_000 };
const NEVER = new AbortController().signal;

/** A clamd that gives these answers in order, and then repeats the last one. */
function answering(...answers: readonly ('answers' | 'silent' | 'refuses')[]) {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    async version() {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer === 'silent') throw new IngestError('DEADLINE_NEAR', 'no answer in time');
      if (answer === 'refuses') throw new IngestError('SCANNER_UNAVAILABLE', 'ECONNREFUSED');
      return 'ClamAV 1.4.3';
    },
  };
}

test('a clamd that has answered and then times out twice in a row hangs', async () => {
  const clamd = answering('answers', 'silent', 'answers', 'silent', 'silent');
  expect(await watchForHang(clamd, OPTIONS, NEVER)).toBe(true);
  expect(clamd.asked).toBe(5);
});

test('a clamd that times out while it loads does not hang', async () => {
  const clamd = answering('silent', 'silent', 'silent', 'answers', 'silent');
  expect(await watchForHang(clamd, OPTIONS, NEVER)).toBe(true);
  expect(clamd.asked).toBe(6);
});

test('a clamd that is not ready when its time to load is over hangs', async () => {
  expect(await watchForHang(answering('refuses'), { ...OPTIONS, loadingMs: 5 }, NEVER)).toBe(true);
});

test('a clamd that refuses connections does not hang: its exit is reported elsewhere', async () => {
  const clamd = answering('answers', 'refuses');
  expect(await watchForHang(clamd, OPTIONS, AbortSignal.timeout(50))).toBe(false);
});
