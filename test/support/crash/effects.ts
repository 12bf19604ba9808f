import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';

/** Told the moment an effect is done, before the code that asked for it goes on. */
export type OnEffect = (name: string) => void;

const FILE_SYSTEM = ['mkdir', 'rename', 'rm', 'unlink', 'open'] as const;
const FILE = ['write', 'chmod', 'utimes', 'sync', 'datasync'] as const;

/**
 * Watches what this process does to the world: file system calls that change something, AWS
 * requests, questions to clamd. Call it before the code to be watched is imported.
 */
export async function watchEffects(onEffect: OnEffect): Promise<void> {
  for (const name of FILE_SYSTEM) watch(fs.promises, name, onEffect);
  await using probe = await open('/dev/null');
  const files = Object.getPrototypeOf(probe) as FileHandle;
  for (const name of FILE) watch(files, name, onEffect);
  syncBuiltinESMExports();

  diagnostics.subscribe('http.client.response.finish', (message) => {
    const { request } = message as { request: ClientRequest; response: IncomingMessage };
    const target = request.getHeader('x-amz-target')?.toString() ?? request.path;
    onEffect(`answer to ${request.method} ${target}`);
  });
  diagnostics.subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    socket.once('data', (words) => {
      if (socket.remoteAddress !== undefined) return; // not a unix socket, so not clamd
      // The version is remembered for a while: it is chance who asks for it.
      if (!String(words).startsWith('ClamAV')) onEffect('answer of clamd');
    });
  });
}

/** Wraps one asynchronous method. */
function watch<T extends object>(owner: T, name: keyof T & string, onEffect: OnEffect): void {
  const original = owner[name] as (...args: unknown[]) => Promise<unknown>;
  const watched = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const result = await original.apply(this, args);
    onEffect(name);
    return result;
  };
  Object.assign(owner, { [name]: watched });
}
