import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux takes 107 bytes for a unix socket's path, macOS 103. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Where clamd of this directory listens: in it, or in a short place where its name is too long. */
export function socketPath(directory: string): string {
  const path = join(directory, 'clamd.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `airlock-${id}`, 'clamd.sock');
}
