import fs, { readlinkSync, realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface FileSystemRecord extends Disposable {
  /** One line for each call that has ended: what it did, and to which path. */
  readonly calls: readonly string[];
  /** Calls that began before another one had ended: their order is not certain. */
  readonly overlapping: readonly string[];
}

const CALLS = ['mkdir', 'rename', 'unlink'] as const;
const FILE_CALLS = ['write', 'chmod', 'utimes', 'sync', 'datasync'] as const;

/**
 * Records what this process asks of the file system, as it really does: file descriptors are told by
 * the path that Linux knows them by.
 */
export async function recordFileSystem(): Promise<FileSystemRecord> {
  const calls: string[] = [];
  const overlapping: string[] = [];
  const running = new Set<string>();
  using undo = new DisposableStack();

  function record<T extends object>(
    owner: T,
    name: keyof T & string,
    nameTarget: (self: unknown, args: readonly unknown[]) => string,
  ): void {
    const original = owner[name] as (...args: unknown[]) => Promise<unknown>;
    const recorded = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      const call = `${name} ${nameTarget(this, args)}`;
      if (running.size > 0) overlapping.push(call);
      running.add(call);
      try {
        return await original.apply(this, args);
      } finally {
        running.delete(call);
        calls.push(call);
      }
    };
    Object.assign(owner, { [name]: recorded });
    undo.defer(() => void Object.assign(owner, { [name]: original }));
  }

  await using probe = await open('/dev/null');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  // The last argument that is a path is what the call makes or takes away.
  const lastPath = (_: unknown, args: readonly unknown[]): string =>
    realPath(String(args.findLast((it) => typeof it === 'string')));
  for (const name of CALLS) record(fs.promises, name, lastPath);
  for (const name of FILE_CALLS) {
    record(handles, name, (self) => readlinkSync(`/proc/self/fd/${(self as FileHandle).fd}`));
  }
  syncBuiltinESMExports();
  undo.defer(syncBuiltinESMExports);
  const owned = undo.move();
  return { calls, overlapping, [Symbol.dispose]: () => owned.dispose() };
}

function realPath(path: string): string {
  return join(realpathSync(dirname(path)), basename(path));
}
