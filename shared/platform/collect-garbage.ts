/**
 * Frees the buffers of large reads. V8 frees a buffer when it collects its small wrapper object, and
 * reading a gigabyte makes so few of those that some 64 MB pile up first, and then need a collection
 * of the whole heap. A minor collection takes about a millisecond. Does nothing unless Node was
 * started with `--expose-gc`.
 *
 * @returns to be called with the bytes of each read; collects once they add up to `everyBytes`
 */
export function collectGarbage(everyBytes: number): (readBytes: number) => void {
  let garbageBytes = 0;
  return (readBytes) => {
    garbageBytes += readBytes;
    if (garbageBytes < everyBytes) return;
    garbageBytes = 0;
    globalThis.gc?.({ type: 'minor', execution: 'sync' });
  };
}
