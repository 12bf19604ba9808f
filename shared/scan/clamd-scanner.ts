import { askVersion, type ClamdAddress, converse, END } from './clamd-connection.ts';
import { readReply } from './clamd-reply.ts';
import type { Scanner } from './scanner.ts';

/** Scans by path, with a clamd that sees the same file system. */
export function clamdScanner(address: ClamdAddress): Scanner {
  return {
    async scan(path, signal) {
      const reply = await converse(address, signal, ({ say }) => say(`zSCAN ${path}${END}`));
      return readReply(path, reply);
    },
    version: (signal) => askVersion(address, signal),
  };
}
