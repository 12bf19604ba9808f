import type { Actor } from './scheduler.ts';

/** What one name in the landing root or in staging stands for. */
export type File = { content: string; readonly modifiedAt: number; readonly owner: Actor };

/** The landing file system: a rename is atomic, a staged file grows while it is written. */
export class LandingFileSystem {
  readonly landed = new Map<string, File>();
  readonly staged = new Map<string, File>();
  /** Called whenever readers of the landing root see something new. */
  readonly onLanded: (path: string, file: File) => void;
  #count = 0;

  constructor(onLanded: (path: string, file: File) => void) {
    this.onLanded = onLanded;
  }

  create(owner: Actor, content: string): string {
    const path = `staging/${(this.#count += 1)}.partial`;
    this.staged.set(path, { content, modifiedAt: 0, owner });
    return path;
  }

  read(path: string): string {
    return this.#staged(path).content;
  }

  #staged(path: string): File {
    const file = this.staged.get(path);
    if (file === undefined) throw new Error(`${path} is not staged`);
    return file;
  }

  write(path: string, content: string): void {
    const file = this.staged.get(path);
    if (file) file.content = content;
  }

  rename(path: string, finalPath: string, modifiedAt: number): void {
    const file = { ...this.#staged(path), modifiedAt };
    this.staged.delete(path);
    this.landed.set(finalPath, file);
    this.onLanded(finalPath, file);
  }
}
