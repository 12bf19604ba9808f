import { defineConfig } from 'vitest/config';
import { testSeed } from './test/support/seed.ts';

/**
 * A busy machine is slow, and that is no failure: tests wait as long as things get on (`test/support/until.ts`). These only
 * end what hangs.
 */
const LAST_RESORT = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 60_000 } },
};

/** One project per kind of test; CONTRIBUTING.md says when to write which. */
export default defineConfig({
  test: {
    // Contract and pipeline tests start servers, clamd and SFTP clients; two cores carry few of them at once.
    maxWorkers: 2,
    env: { AIRLOCK_TEST_SEED: String(testSeed()) },
    projects: [
      { test: { name: 'unit', include: ['test/{unit,template}/**/*.test.ts'], ...LAST_RESORT } },
      { test: { name: 'model', include: ['test/model/**/*.test.ts'], ...LAST_RESORT } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          ...LAST_RESORT,
        },
      },
      {
        test: {
          name: 'pipeline',
          include: ['test/{clients,faults,functions,gateway,image,local,ops,pipeline,verdicts}/**/*.test.ts'],
          ...LAST_RESORT,
        },
      },
    ],
  },
});
