import type { ScanReply } from '../../model/verdict.ts';
import { END, unexpectedReply } from './connection.ts';

/**
 * Parses clamd's reply about one subject. Only an exact match counts: the reply must be complete,
 * about this subject, and nothing else.
 *
 * @param end the end of a reply in the mode of the command
 * @throws IngestError `SCANNER_UNAVAILABLE`
 */
export function readReply(subject: string, reply: string, end: string = END): ScanReply {
  if (reply === `${subject}: OK${end}`) return { kind: 'ok' };
  const about = `${subject}: `;
  const found = ` FOUND${end}`;
  const signature = reply.slice(about.length, -found.length);
  const isFound = reply.startsWith(about) && reply.endsWith(found) && !signature.includes(end);
  if (isFound && signature !== '') return { kind: 'found', signature };
  // The subject is a path of ours, which is nobody else's business.
  throw unexpectedReply(reply.replaceAll(subject, 'the file'));
}
