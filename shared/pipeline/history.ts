import type { Arrival, PinnedObject } from '../model/arrival.ts';
import { type Upload, wasDelivered } from '../inbox/ledger-tags.ts';
import type { Attempt, Ports } from './ports.ts';
import { versionOf } from '../model/upload-id.ts';

type Source = Pick<Ports, 'source'>;
type Until = Pick<Attempt, 'signal'>;

/**
 * The newest upload of the key that was delivered: what its file in the landing root must be. A
 * deletion does not count, for the landing root keeps what was delivered.
 *
 * @param isDelivered true when the caller has just delivered `handled`, which its mark need not say
 */
export async function newestDelivered(
  handled: Arrival,
  isDelivered: boolean,
  { signal }: Until,
  { source }: Source,
): Promise<Arrival | undefined> {
  for await (const change of source.history(handled.bucket, handled.key, signal)) {
    if (change.kind === 'deletion') continue;
    if (isDelivered && isSameUpload(change.upload, handled)) return change.upload;
    if (wasDelivered(change.upload, await change.readTags())) return change.upload;
  }
  return undefined;
}

/**
 * What came after a clean upload so that it must not land any more. Of uploads that are newer
 * only a delivered one counts: another may turn out not to be clean.
 */
export async function overtakenBy(
  object: PinnedObject,
  { signal }: Until,
  { source }: Source,
): Promise<'newer upload' | 'deletion' | undefined> {
  for await (const change of source.history(object.bucket, object.key, signal)) {
    if (change.kind === 'deletion') return 'deletion';
    if (isSameUpload(change.upload, object)) return undefined;
    if (wasDelivered(change.upload, await change.readTags())) return 'newer upload';
  }
  return undefined;
}

/** By version; a bucket without versioning only knows the ETag. */
export function isSameUpload(one: Upload, other: Upload): boolean {
  return versionOf(one) === versionOf(other);
}
