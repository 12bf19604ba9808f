import { assertNever } from '../../shared/platform/assert-never.ts';
import { landingPathOf } from '../../shared/decide/admission.ts';
import { STATUS } from '../protocol/codes.ts';
import { fileAttributes, folderAttributes } from '../protocol/attributes.ts';
import type { Attributes } from '../protocol/replies.ts';
import { failure, noSuchFile, notAFolder, SftpFailure } from '../protocol/status.ts';
import { FileNames } from '../storage/file-names.ts';
import { FolderNames } from '../storage/folder-names.ts';
import { type FolderEntry, listStored, type StoredPlace } from '../storage/folders.ts';
import type { ObjectStore } from '../storage/guarded-store.ts';
import {
  type Address,
  findObject,
  type FolderState,
  folderStateOf,
  type Storage,
  type StoredFile,
} from '../storage/objects.ts';
import {
  foldersAbove,
  type Homes,
  homesBelow,
  locate,
  namesFolder,
  resolveIn,
} from '../storage/paths.ts';
import { EmptiedFolders } from './emptied-folders.ts';
import type { OpenUploads, UnfinishedUpload } from './open-uploads.ts';

/** What a path is to a session. */
export type Entry =
  | { readonly kind: 'missing' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly place: StoredPlace; readonly file: StoredFile }
  /** A file that this session is uploading; `stored` is what it may replace. */
  | {
      readonly kind: 'upload';
      readonly place: StoredPlace;
      readonly upload: UnfinishedUpload;
    };

/**
 * The files and folders of a session: the objects in S3 and its own unfinished uploads together. Every
 * request that asks what a path is asks here.
 *
 * Unfinished uploads of other sessions are not seen: in S3 they do not exist before they are complete.
 */
export class Namespace {
  readonly homes: Homes;
  readonly #s3: ObjectStore;
  readonly #uploads: OpenUploads;
  readonly #folderNames: FolderNames;
  readonly #fileNames: FileNames;
  readonly #emptied = new EmptiedFolders();

  constructor({ s3, homes }: Storage, uploads: OpenUploads) {
    this.homes = homes;
    this.#s3 = s3;
    this.#uploads = uploads;
    this.#folderNames = new FolderNames(s3);
    this.#fileNames = new FileNames(s3);
  }

  /** A file hides a folder of the same name. @throws SftpFailure for a path in no home */
  async lookup(path: string): Promise<Entry> {
    const place = locate(this.homes, path);
    // These exist whether or not the partner may list them.
    if (place.kind === 'virtual' || place.isHome) return { kind: 'folder' };
    const isFolderName = namesFolder(path);
    const upload = await this.#uploads.at(place);
    if (upload !== undefined) {
      return isFolderName ? { kind: 'missing' } : { kind: 'upload', place, upload };
    }
    let denial: SftpFailure | undefined;
    try {
      const file = await findObject(this.#s3, place);
      if (file !== undefined) {
        return isFolderName ? { kind: 'missing' } : { kind: 'file', place, file };
      }
    } catch (error) {
      // A policy for `acme/*` does not cover a file `acme`, but the folder may exist.
      if (!isDenied(error)) throw error;
      denial = error;
    }
    if ((await this.folderState(path)) !== 'missing') return { kind: 'folder' };
    if (denial !== undefined) throw denial;
    return { kind: 'missing' };
  }

  /** What `stat` reports. @throws SftpFailure when nothing is there */
  async attributesAt(path: string): Promise<Attributes> {
    const entry = await this.lookup(path);
    switch (entry.kind) {
      case 'missing':
        throw noSuchFile(path);
      case 'folder':
        return folderAttributes();
      case 'file':
        return fileAttributes(entry.file.sizeBytes, entry.file.modifiedAt);
      case 'upload':
        return fileAttributes(entry.upload.sizeBytes, Date.now());
      default:
        return assertNever(entry);
    }
  }

  /** What is stored at a path, whether or not this session is about to replace it. */
  async storedFile(path: string): Promise<StoredFile | undefined> {
    const place = locate(this.homes, path);
    if (place.kind === 'virtual' || place.isHome) return undefined;
    return findObject(this.#s3, place);
  }

  async folderState(path: string): Promise<FolderState> {
    const place = locate(this.homes, path);
    if (place.kind === 'virtual') return 'filled';
    if ((await this.#uploads.below(place)).length > 0) return 'filled';
    const state = await folderStateOf(this.#s3, place);
    if (state === 'filled') return state;
    if (this.#emptied.below(place).length > 0) return 'filled';
    return this.#emptied.has(place) ? 'empty' : state;
  }

  /** @throws SftpFailure when there is no folder at the path */
  async assertFolder(path: string): Promise<void> {
    const { kind } = await this.lookup(path);
    if (kind === 'missing') throw noSuchFile(path);
    if (kind !== 'folder') throw notAFolder(path);
  }

  /** Lists a folder, `.` and `..` first, while S3's pages arrive. */
  async *list(path: string): AsyncGenerator<FolderEntry> {
    yield { filename: '.', attributes: folderAttributes() };
    yield { filename: '..', attributes: folderAttributes() };
    const homes = new Set(homesBelow(this.homes, resolveIn(this.homes, path)));
    for (const filename of homes) yield { filename, attributes: folderAttributes() };
    const place = locate(this.homes, path);
    if (place.kind === 'virtual') return;
    const own = await this.#ownEntries(place);
    for await (const entry of listStored(this.#s3, place)) {
      if (homes.has(entry.filename)) continue;
      const mine = own.get(entry.filename);
      own.delete(entry.filename);
      yield mine === undefined || mine.attributes.isFolder ? entry : mine;
    }
    yield* own.values();
  }

  /**
   * Whether a new file may have this name, by what can be known before its bytes arrive.
   *
   * @returns `rest` rejects when the name turns out to be a folder's; where the folder above is too large to
   *   be cached, that takes a request of its own
   * @throws SftpFailure in words for the user
   */
  async admitFile(place: StoredPlace): Promise<{ readonly rest: Promise<void> }> {
    const { path, bucket, key } = place;
    assertDeliverable(path, key);
    const isFolder = failure(`${path} is a folder`);
    if (this.#emptied.has(place) || this.#emptied.below(place).length > 0) throw isFolder;
    if ((await this.#uploads.below(place)).length > 0) throw isFolder;
    const [answer] = await Promise.all([
      orIfDenied(this.#folderNames.isFolder(bucket, key), { known: false }),
      this.#assertNotBelowFile(place),
    ]);
    if ('known' in answer) {
      if (answer.known) throw isFolder;
      return { rest: Promise.resolve() };
    }
    const { asked } = answer;
    const assertFile = async (): Promise<void> => {
      if (await orIfDenied(asked, false)) throw isFolder;
    };
    const rest = assertFile();
    // Whoever writes or closes the file handles the rejection; until then it must not count as unhandled.
    rest.catch(() => {});
    return { rest };
  }

  /** @throws SftpFailure as `admitFile` */
  async admitFolder(place: StoredPlace): Promise<void> {
    assertDeliverable(place.path, place.key);
    await this.#assertNotBelowFile(place);
  }

  /** Call when a file has been stored. */
  async stored(address: Address): Promise<void> {
    this.#fileNames.addStored(address);
    await this.#folderNames.addStored(address.bucket, address.key);
  }

  /** Call when a file has been taken away from its name: it may have been all that made the folders above it. */
  async vacated(place: StoredPlace): Promise<void> {
    this.#clear();
    const { bucket } = place;
    for (const key of foldersAbove(place.key, place.prefix)) {
      const state = await orIfDenied(folderStateOf(this.#s3, { bucket, key }), 'filled');
      // It needs no remembering, and neither do those above it.
      if (state !== 'missing') return;
      this.#emptied.add({ bucket, key });
    }
  }

  folderMade(): void {
    this.#clear();
  }

  async folderRemoved(place: StoredPlace): Promise<void> {
    this.#emptied.delete(place);
    await this.vacated(place);
  }

  async folderMoved(from: StoredPlace, to: StoredPlace): Promise<void> {
    this.#emptied.move(from, to);
    await this.vacated(from);
  }

  #clear(): void {
    this.#folderNames.clear();
    this.#fileNames.clear();
  }

  /** The names in a folder that only this session knows. */
  async #ownEntries(folder: StoredPlace): Promise<Map<string, FolderEntry>> {
    const start = folder.key === '' ? 0 : folder.key.length + 1;
    const own = new Map<string, FolderEntry>();
    const add = (key: string, attributes: Attributes): void => {
      const [filename = '', ...deeper] = key.slice(start).split('/');
      const isFolder = deeper.length > 0;
      own.set(filename, { filename, attributes: isFolder ? folderAttributes() : attributes });
    };
    for (const { key } of this.#emptied.below(folder)) add(key, folderAttributes());
    for (const { address, sizeBytes } of await this.#uploads.below(folder)) {
      add(address.key, fileAttributes(sizeBytes, Date.now()));
    }
    return own;
  }

  async #assertNotBelowFile({ path, bucket, key, prefix }: StoredPlace): Promise<void> {
    const isFile = async (address: Address): Promise<boolean> =>
      (await this.#uploads.at(address)) !== undefined ||
      orIfDenied(this.#fileNames.isFile(address), false);
    const above = foldersAbove(key, prefix);
    const files = await Promise.all(above.map((folder) => isFile({ bucket, key: folder })));
    const index = files.indexOf(true);
    if (index >= 0)
      throw notAFolder(
        path
          .split('/')
          .slice(0, -1 - index)
          .join('/'),
      );
  }
}

/** A file under a key that the ingest refuses would be stored and never delivered. */
function assertDeliverable(path: string, key: string): void {
  const landing = landingPathOf(key);
  if ('unsafe' in landing) throw failure(`${path} could not be delivered: ${landing.unsafe}`);
}

/** Where the partner may not look, as in a drop box, nothing is known. */
async function orIfDenied<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isDenied(error)) return otherwise;
    throw error;
  }
}

function isDenied(error: unknown): error is SftpFailure {
  return error instanceof SftpFailure && error.status === STATUS.permissionDenied;
}
