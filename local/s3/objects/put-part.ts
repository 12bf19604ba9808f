import type { ReceivedBody } from '../protocol/receive-body.ts';
import type { S3Service } from '../service.ts';
import type { Extent } from '../store/contents.ts';
import type { Part, Upload } from '../store/uploads.ts';

type NewPart = ReceivedBody & {
  readonly number: number;
  readonly sizeBytes: number;
  readonly extents: readonly Extent[];
};

/**
 * Adds a part to an upload, replacing an earlier part of that number.
 *
 * @throws S3Error NoSuchUpload when the upload was completed or aborted meanwhile
 */
export function putPart(s3: S3Service, { bucket, key, id }: Upload, part: NewPart): Part {
  const { store } = s3;
  return store.commit((release) => {
    const upload = store.uploads.get(bucket, key, id);
    const replaced = store.uploads.part(upload, part.number);
    const content = store.sequence.next();
    store.contents.add(content, part.extents);
    const added = store.uploads.putPart(upload, {
      number: part.number,
      content,
      sizeBytes: part.sizeBytes,
      etag: part.md5,
      checksums: part.checksums,
    });
    if (replaced !== undefined) release(replaced.content);
    return added;
  });
}
