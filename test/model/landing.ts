import type { Actor } from './scheduler.ts';

/** What one name in the landing root, beside it, or in staging stands for. */
export type File = { content: string; readonly modifiedAt: number; readonly owner: Actor };

/**
 * The workers' own disks and the landing file system: a file grows while it is written, a rename is
 * atomic.
 */
export class FileSystems {
  readonly landed = new Map<string, File>();
  /** Private files beside the landing root. */
  readonly incoming = new Map<string, File>();
  readonly staged = new Map<string, File>();
  /** Called whenever readers of the landing root see something new. */
  readonly onLanded: (path: string, file: File) => void;
  #count = 0;

  constructor(onLanded: (path: string, file: File) => void) {
    this.onLanded = onLanded;
  }

  /** A file that is still being written. @returns its path */
  create(place: Map<string, File>, owner: Actor, content: string): string {
    const path = `${(this.#count += 1)}.partial`;
    place.set(path, { content, modifiedAt: 0, owner });
    return path;
  }

  /** The rest of a file. A dead owner's may be gone. */
  write(place: Map<string, File>, path: string, content: string): void {
    const file = place.get(path);
    if (file) file.content = content;
  }

  readStaged(path: string): string {
    return find(this.staged, path).content;
  }

  land(incoming: string, finalPath: string, modifiedAt: number): void {
    const file = { ...find(this.incoming, incoming), modifiedAt };
    this.incoming.delete(incoming);
    this.landed.set(finalPath, file);
    this.onLanded(finalPath, file);
  }
}

function find(place: ReadonlyMap<string, File>, path: string): File {
  const file = place.get(path);
  if (file === undefined) throw new Error(`${path} is not there`);
  return file;
}
