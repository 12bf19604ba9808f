import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { act } from '../../ops/act.ts';
import { OpsError } from '../../ops/ops-error.ts';
import type { Output } from '../../ops/output.ts';
import { type ActSubject, fittingSubjects } from '../../shared/acts/operator-act.ts';
import { type Installation, startInstallation } from '../support/installation.ts';

let airlock: Installation;
const notes: string[] = [];
const out: Output = {
  json: false,
  show: () => {},
  note: (text) => void notes.push(text),
  progress: () => {},
};
const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
const at = (endpoint: string) =>
  ({
    target: { kind: 'local', settings: () => ({ region: 'eu-central-1', credentials, endpoint }) },
    out,
  }) as const;
const deed = { command: 'dead-letters remove', reason: 'test', parameters: { all: true } };

beforeEach(async () => {
  notes.length = 0;
  airlock = await startInstallation();
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.unstubAllEnvs();
  await airlock?.[Symbol.asyncDispose]();
});

test('an act that fails half-way is recorded with what it had changed, and the error', async () => {
  const failing = act(at(airlock.eventsEndpoint), deed, async (note) => {
    note({ kind: 'dead-letter', id: 'm-1' });
    throw new Error('the network is down');
  });
  await expect(failing).rejects.toThrow('the network is down');
  expect(airlock.acts).toMatchObject([
    {
      outcome: 'partly',
      error: 'the network is down',
      subjects: [{ kind: 'dead-letter', id: 'm-1' }],
      subjectCount: 1,
    },
  ]);
});

test('an act that found nothing to change, or was refused, leaves no record', async () => {
  const place = at(airlock.eventsEndpoint);
  await act(place, deed, async () => {});
  const refused = act(place, deed, async () => {
    throw new OpsError('no');
  });
  await expect(refused).rejects.toThrow('no');
  expect(airlock.acts).toEqual([]);
});

test('an act of which nobody knows whether it changed anything is recorded as failed', async () => {
  const lost = act(at(airlock.eventsEndpoint), deed, async () => {
    throw new Error('no answer');
  });
  await expect(lost).rejects.toThrow('no answer');
  expect(airlock.acts).toMatchObject([{ outcome: 'failed', subjectCount: 0 }]);
});

test('an act that cannot be recorded is done, said so, and no success', async () => {
  // Nothing listens there.
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  const result = await act(at('http://127.0.0.1:9'), deed, async (note) => {
    note({ kind: 'dead-letter', id: 'm-1' });
    return 'done';
  });
  expect(result).toBe('done');
  expect(notes.join('\n')).toMatch(/^NOT RECORDED: .*dead-letters remove.*events:PutEvents/);
  expect(process.exitCode).toBe(1);
});

test('an act with more subjects than an event holds has the first of them', () => {
  const subjects: ActSubject[] = Array.from({ length: 5_000 }, (_, n) => ({
    kind: 'dead-letter',
    id: `${n}`,
    key: 'x'.repeat(200),
  }));
  const fitting = fittingSubjects(subjects);
  expect(fitting.length).toBeGreaterThan(100);
  expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThan(256_000);
  expect(fittingSubjects(subjects.slice(0, 3))).toHaveLength(3);
});
