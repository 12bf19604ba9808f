import type { ScanReply } from '../model/verdict.ts';
import { END, noVerdict } from './clamd-connection.ts';

const FOUND = / FOUND\0$/;

/**
 * What clamd said about one subject, read so that nothing but an exact answer counts: `OK` is clean
 * only as the whole of it, to its end, and about this very subject.
 *
 * @throws IngestError `SCANNER_UNAVAILABLE`
 */
export function readReply(subject: string, reply: string): ScanReply {
  if (reply === `${subject}: OK${END}`) return { reply: 'ok' };
  const about = `${subject}: `;
  const signature = reply.slice(about.length).replace(FOUND, '');
  const isFound = reply.startsWith(about) && FOUND.test(reply) && !signature.includes(END);
  if (isFound && signature !== '') return { reply: 'found', signature };
  throw noVerdict(reply);
}
