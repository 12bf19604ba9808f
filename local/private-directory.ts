import { chmod, mkdir } from 'node:fs/promises';
import { describeError } from '../shared/platform/errors.ts';
import { StartError } from '../shared/platform/start-error.ts';

/**
 * Creates a directory that only its owner may enter, or closes one that others could enter until now.
 *
 * @returns the path
 * @throws StartError when it cannot be created, or belongs to somebody else
 */
export async function privateDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    return path;
  } catch (cause) {
    throw new StartError(`${path} cannot be created: ${describeError(cause)}.`, { cause });
  }
}
