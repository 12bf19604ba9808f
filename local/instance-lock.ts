import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { StartError } from '../shared/platform/start-error.ts';

/**
 * Locks a state directory for one process. SQLite uses a lock of the operating system, which ends
 * with the process, however that ends.
 *
 * @throws StartError when another process holds it
 */
export async function lockInstance(home: string): Promise<Disposable> {
  const database = new DatabaseSync(join(home, 'instance.lock'), { timeout: 0 });
  await chmod(join(home, 'instance.lock'), 0o600);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const holder = await holderOf(home);
    throw new StartError(`Another Airlock${holder} is running on ${home}.`, { cause });
  }
  return { [Symbol.dispose]: () => database.close() };
}

async function holderOf(home: string): Promise<string> {
  const text = await readFile(join(home, 'runtime.json'), 'utf8').catch(() => '{}');
  const { pid } = v.parse(v.object({ pid: v.optional(v.number()) }), JSON.parse(text));
  return pid === undefined ? '' : ` (process ${pid})`;
}
