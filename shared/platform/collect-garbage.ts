/**
 * Gives memory back that large reads have left. V8 frees a buffer when it collects the small object
 * that stands for it, and what reads a gigabyte makes so few of those that some 64 MB pile up first;
 * finding them then takes a look through the whole heap. A collection of young objects takes about a
 * millisecond. Does nothing where Node was started without `--expose-gc`.
 *
 * @returns to be told of each read how many bytes it was; frees once that makes so many
 */
export function freeWhatWasRead(everyBytes: number): (readBytes: number) => void {
  let garbageBytes = 0;
  return (readBytes) => {
    garbageBytes += readBytes;
    if (garbageBytes < everyBytes) return;
    garbageBytes = 0;
    globalThis.gc?.({ type: 'minor', execution: 'sync' });
  };
}
