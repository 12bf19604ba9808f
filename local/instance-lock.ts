import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/**
 * Makes sure that one process at a time works on a state directory. The lock is SQLite's, that is
 * the operating system's: it ends with the process, however that ends.
 *
 * @throws StartError when another process holds it
 */
export function lockInstance(path: string): Disposable {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new StartError('Another Airlock is running on this state directory.', { cause });
  }
  return { [Symbol.dispose]: () => database.close() };
}
