import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * How much is in a directory that a program is writing to; what goes or cannot be read while we look
 * is not counted. Never follows links.
 *
 * @param most stops counting beyond this many entries
 */
export async function measure(
  directory: string,
  most: number,
): Promise<{ readonly count: number; readonly bytes: number }> {
  let count = 0;
  let bytes = 0;
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      count += 1;
      if (count > most) return { count, bytes };
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else
        bytes += await lstat(path).then(
          ({ size }) => size,
          () => 0,
        );
    }
  }
  return { count, bytes };
}
