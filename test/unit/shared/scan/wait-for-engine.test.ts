import { expect, test } from 'vitest';
import { IngestError } from '../../../../shared/model/ingest-error.ts';
import { waitForEngine } from '../../../../shared/scan/wait-for-engine.ts';

const NEVER = new AbortController().signal;

type Answer = 'answers' | 'silent';

/** An engine that gives these answers in order, and then repeats the last one. */
function engineThat(...answers: readonly Answer[]) {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    scan: () => Promise.reject(new Error('not asked for')),
    async version() {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer === 'silent') throw new IngestError('SCANNER_UNAVAILABLE', 'ECONNREFUSED');
      return 'ClamAV 1.4.6';
    },
  };
}

test('a starting engine is waited for', async () => {
  expect(
    await waitForEngine(engineThat('silent', 'silent', 'answers'), 60_000).version(NEVER),
  ).toBe('ClamAV 1.4.6');
});

test('after the first reply errors are thrown immediately', async () => {
  const engine = engineThat('answers', 'silent');
  const scanner = waitForEngine(engine, 60_000);
  await scanner.version(NEVER);
  await expect(scanner.version(NEVER)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
  expect(engine.asked).toBe(2);
});

test('an engine that is not starting is not waited for', async () => {
  const engine = engineThat('silent', 'answers');
  const scanner = waitForEngine(engine, 0);
  await expect(scanner.version(NEVER)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
  expect(engine.asked).toBe(1);
});

test('the wait is limited, and not repeated', async () => {
  const engine = engineThat('silent');
  const scanner = waitForEngine(engine, 150);
  await expect(scanner.version(NEVER)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
  const { asked } = engine;
  expect(asked).toBeGreaterThan(1);
  await expect(scanner.version(NEVER)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
  expect(engine.asked).toBe(asked + 1);
});

test('the deadline of the invocation ends the wait', async () => {
  const scanner = waitForEngine(engineThat('silent'), 60_000);
  await expect(scanner.version(AbortSignal.timeout(50))).rejects.toMatchObject({
    code: 'SCANNER_UNAVAILABLE',
  });
});
