import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { awakeTimeout } from '../../../../shared/platform/awake-timeout.ts';

test('fires after its time', async () => {
  using patience = awakeTimeout(30);
  const keepAlive = setInterval(() => {}, 1_000);
  await once(patience.signal, 'abort');
  clearInterval(keepAlive);
  expect(patience.signal.aborted).toBe(true);
});

test('does not fire once it is disposed', async () => {
  const patience = awakeTimeout(5);
  patience[Symbol.dispose]();
  await sleep(50);
  expect(patience.signal.aborted).toBe(false);
});

test('does not count the time for which the process was frozen', async () => {
  const module = new URL('../../../../shared/platform/awake-timeout.ts', import.meta.url).href;
  const script = `
    const { awakeTimeout } = await import('${module}');
    const startedAt = Date.now();
    const patience = awakeTimeout(1_000);
    const keepAlive = setInterval(() => {}, 10);
    patience.signal.addEventListener('abort', () => {
      clearInterval(keepAlive);
      console.log(Date.now() - startedAt);
    });
    process.send('started');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  child.kill('SIGSTOP');
  await sleep(2_000);
  child.kill('SIGCONT');
  child.disconnect();
  expect(Number(await text(child.stdout!))).toBeGreaterThan(2_000 + 700);
});
