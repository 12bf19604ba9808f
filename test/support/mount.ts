import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

/** Mounting takes root, and not every root may; elsewhere tests that mount show as skipped. */
export function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'probe', '/mnt'], {
      stdio: 'pipe',
    });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** A file system of its own, in memory. */
export async function mountMemory(path: string, sizeMb: number): Promise<Disposable> {
  await mkdir(path, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'airlock-test', path];
  execFileSync('mount', options, { stdio: 'pipe' });
  return { [Symbol.dispose]: () => execFileSync('umount', ['--lazy', path]) };
}
