import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The limit is 107 bytes on Linux, 103 on macOS. */
const MAX_SOCKET_PATH_BYTES = 100;

/** clamd's socket: in its directory, or below the temporary directory when that path is too long. */
export function socketPath(directory: string): string {
  const path = join(directory, 'clamd.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `airlock-${id}`, 'clamd.sock');
}
