import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { privateDirectory } from './private-directory.ts';
import { describeError } from '../shared/platform/errors.ts';
import { StartError } from '../shared/platform/start-error.ts';

/** What only the owner of the state directory may enter. The landing tree is not among it: applications read it. */
const PRIVATE = ['logs', 's3', 'queues', 'clamd', 'sftp', 'tmp', 'incoming'];

/**
 * Creates the state directory. Others may pass through it to the landing tree, but neither list it nor enter what else is
 * in it: objects, partners' documents, logs, keys.
 *
 * @throws StartError when it is a file, cannot be created, or has parts that belong to somebody else
 */
export async function openHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o711 });
    if (!(await stat(home)).isDirectory()) throw new Error('it is not a directory');
  } catch (cause) {
    const reason = describeError(cause);
    throw new StartError(`The state directory ${home} cannot be used: ${reason}.`, { cause });
  }
  for (const name of PRIVATE) await privateDirectory(join(home, name));
}
