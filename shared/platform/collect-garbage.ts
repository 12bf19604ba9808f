/**
 * Frees the buffers of large reads early. V8 frees a buffer when it collects the small object that
 * refers to it, and reading a gigabyte creates so few of those that some 64 MB pile up first, which
 * then takes a full collection. A collection of young objects takes about a millisecond. Does
 * nothing when Node was started without `--expose-gc`.
 *
 * @returns call it with the size of each read; collects once per `everyBytes`
 */
export function garbageCollector(everyBytes: number): (readBytes: number) => void {
  let garbageBytes = 0;
  return (readBytes) => {
    garbageBytes += readBytes;
    if (garbageBytes < everyBytes) return;
    garbageBytes = 0;
    globalThis.gc?.({ type: 'minor', execution: 'sync' });
  };
}
