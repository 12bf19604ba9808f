import { setTimeout as sleep } from 'node:timers/promises';

/** Takes a moment, and says which process did it. */
export async function handler(event: { ms?: number; die?: boolean }): Promise<number> {
  if (event.die === true) process.kill(process.pid, 'SIGKILL');
  await sleep(event.ms ?? 0);
  return process.pid;
}
