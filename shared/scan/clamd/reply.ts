import type { ScanReply } from '../../model/verdict.ts';
import { END, noVerdict } from './connection.ts';

/**
 * What clamd said about one subject, read so that nothing but an exact answer counts: `OK` is clean
 * only as the whole of it, to its end, and about this very subject.
 *
 * @param end what clamd ends its answers with, in the mode it was asked in
 * @throws IngestError `SCANNER_UNAVAILABLE`
 */
export function readReply(subject: string, reply: string, end: string = END): ScanReply {
  if (reply === `${subject}: OK${end}`) return { kind: 'ok' };
  const about = `${subject}: `;
  const found = ` FOUND${end}`;
  const signature = reply.slice(about.length, -found.length);
  const isFound = reply.startsWith(about) && reply.endsWith(found) && !signature.includes(end);
  if (isFound && signature !== '') return { kind: 'found', signature };
  throw noVerdict(reply);
}
