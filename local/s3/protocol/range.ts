/** Byte offsets; `end` is exclusive. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * Reads a Range header against an object's size.
 *
 * As in S3 and RFC 9110: anything but a single byte range is ignored and the whole object is sent, a range outside the
 * object is unsatisfiable (416), and an end past the object is cut to its size.
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const start = Math.max(0, sizeBytes - Number(last));
    return start < sizeBytes ? { start, end: sizeBytes } : 'unsatisfiable';
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= sizeBytes) return 'unsatisfiable';
  return { start, end: last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}

/** Reads `x-amz-copy-source-range`, which allows only `bytes=first-last` within the source. */
export function parseCopyRange(header: string, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2]) + 1;
  return start < end && end <= sizeBytes ? { start, end } : undefined;
}
