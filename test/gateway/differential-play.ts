import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { type Answer, FLAG, overSsh, overStdio, type RawSession } from '../support/raw-sftp.ts';
import { seededRandom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { BUCKET, type OpenGateway } from './open-gateway.ts';

const SESSIONS = 3;

const FILES = ['a', 'b', 'ü', 'd/x', 'd/y', 'e/x', 'd/s/z'];
const FOLDERS = ['d', 'e', 'd/s'];
const TOO_LONG = 'n'.repeat(256);
const { write, create, truncate, append, exclusive } = FLAG;

type Side = 'gateway' | 'openssh';
type Pair = Readonly<Record<Side, RawSession>>;
type OpenFile = {
  readonly session: number;
  /** undefined: it was removed, or another one was renamed over it. */
  path: string | undefined;
  readonly handles: Readonly<Record<Side, Buffer>>;
  readonly appends: boolean;
  /** Where the next write goes. */
  end: number;
};

/**
 * The gateway and OpenSSH's own server do the same random operations; answers and end states must be the same.
 *
 * What may differ is in docs/gateway.md ("Where it differs from OpenSSH's server"); operations on which the
 * two must differ are left out here, each with its reason.
 */
export class DifferentialPlay {
  readonly #gateway: OpenGateway;
  readonly #program: string;
  readonly #directory: string;
  readonly #random = seededRandom();
  readonly #sessions: Pair[] = [];
  #open: OpenFile[] = [];
  readonly #history: string[] = [];
  /** When each session last forgot what it had cached, and when folders last came or went, by operation. */
  readonly #forgotAt: number[] = Array.from({ length: SESSIONS }, () => 0);
  #foldersChangedAt = 0;
  #clock = 0;
  /** How often each operation was played. */
  readonly counts = new Map<string, number>();

  /** @param program OpenSSH's `sftp-server`, which serves the empty `directory` */
  constructor(gateway: OpenGateway, program: string, directory: string) {
    this.#gateway = gateway;
    this.#program = program;
    this.#directory = directory;
  }

  async begin(): Promise<void> {
    for (let index = 0; index < SESSIONS; index++) this.#sessions.push(await this.#connect());
  }

  async end(): Promise<void> {
    for (const pair of this.#sessions) {
      await pair.gateway.drop();
      await pair.openssh.drop();
    }
  }

  /** Plays one random operation. */
  async step(): Promise<void> {
    this.#clock += 1;
    const session = this.#below(SESSIONS);
    const kind = this.#random();
    if (kind < 0.28) return this.#openFile(session);
    if (kind < 0.45) return this.#writeFile();
    if (kind < 0.55) return this.#closeFile();
    if (kind < 0.65) return this.#rename(session);
    if (kind < 0.72) return this.#remove(session);
    if (kind < 0.78) return this.#folders(session);
    if (kind < 0.79) return this.#drop(session);
    return this.#look(session);
  }

  async #openFile(session: number): Promise<void> {
    const path = this.#chance(0.1) ? this.#pick(this.#oddNames()) : this.#pick(FILES);
    if (!this.#isPlayable(session, path)) return;
    // A second handle of one file would be a second upload of it.
    if (this.#isOpen(path)) return;
    // A folder that came lately from another session may not be known yet.
    const isFolder = this.#kindOf(path) === 'folder';
    if (isFolder && this.#forgotAt[session]! <= this.#foldersChangedAt) return;
    const modes = [
      write | create | truncate,
      write | create | truncate | exclusive,
      write | create | append,
      write | create,
      write,
      write | append,
      write | truncate,
    ];
    const flags = this.#pick(modes);
    const before = this.#sizeOf(path);
    const answers = await this.#ask(session, `open ${path} ${flags}`, (sftp) =>
      sftp.open(path, flags),
    );
    const { gateway, openssh } = answers;
    if (gateway.handle === undefined || openssh.handle === undefined) return;
    const handles = { gateway: gateway.handle, openssh: openssh.handle };
    const isTruncated = (flags & truncate) !== 0;
    const isContinued = !isTruncated && this.#chance(0.6);
    const end = isContinued ? before : 0;
    const open = { session, path: plain(path), handles, appends: (flags & append) !== 0, end };
    this.#open.push(open);
    // What is replaced in place must be replaced as a whole.
    if (!isTruncated && !isContinued && before > 0 && !open.appends) {
      await this.#writeTo(open, before + this.#below(100));
    }
  }

  async #writeFile(): Promise<void> {
    const open = this.#pick(this.#open);
    if (open === undefined) return;
    await this.#writeTo(open, this.#chance(0.01) ? 6 * 1024 ** 2 : 1 + this.#below(3_000));
  }

  async #writeTo(open: OpenFile, sizeBytes: number): Promise<void> {
    const bytes = randomBytes(sizeBytes);
    for (let at = 0; at < sizeBytes; at += 240_000) {
      const piece = bytes.subarray(at, at + 240_000);
      // Appended bytes go to the end, whatever the offset.
      const offset = open.appends ? this.#below(50) : open.end;
      await this.#askHandle(open, `write ${piece.length} at ${offset}`, (sftp, handle) =>
        sftp.write(handle, offset, piece),
      );
      open.end += piece.length;
    }
  }

  async #closeFile(open = this.#pick(this.#open)): Promise<void> {
    if (open === undefined) return;
    this.#open = this.#open.filter((each) => each !== open);
    await this.#askHandle(open, 'close', (sftp, handle) => sftp.close(handle));
  }

  async #rename(session: number): Promise<void> {
    const isFolder = this.#chance(0.2);
    const names = isFolder ? [...FOLDERS, 'd/s/t'] : FILES;
    const from = this.#chance(0.1) ? `${this.#pick(names)}/` : this.#pick(names);
    const to = this.#chance(0.1) ? this.#pick(this.#oddNames()) : this.#pick(names);
    if (!this.#isPlayable(session, from) || !this.#isPlayable(session, to)) return;
    // A file below a folder that is renamed is refused while it is open.
    if (this.#open.some(({ path }) => isFolder && path?.startsWith(`${plain(from)}/`))) return;
    const isPosix = this.#chance(0.6);
    const isSameKind = this.#kindOf(from) === 'folder' || this.#kindOf(to) === 'folder';
    if (isSameKind && this.#forgotAt[session]! <= this.#foldersChangedAt) return;
    const answers = await this.#ask(
      session,
      `${isPosix ? 'posix-' : ''}rename ${from} ${to}`,
      (sftp) => (isPosix ? sftp.posixRename(from, to) : sftp.rename(from, to)),
    );
    if (answers.openssh.code !== 0 || plain(from) === plain(to)) return;
    this.#changed(session, isFolder);
    for (const open of this.#open) {
      if (open.path === plain(to)) open.path = undefined;
      else if (open.path === plain(from)) open.path = plain(to);
    }
  }

  async #remove(session: number): Promise<void> {
    const path = this.#chance(0.1) ? this.#pick(this.#oddNames()) : this.#pick(FILES);
    if (!this.#isPlayable(session, path)) return;
    const { openssh } = await this.#ask(session, `remove ${path}`, (sftp) => sftp.remove(path));
    if (openssh.code !== 0) return;
    this.#changed(session, false);
    for (const open of this.#open) if (open.path === plain(path)) open.path = undefined;
  }

  async #folders(session: number): Promise<void> {
    const isMade = this.#chance(0.7);
    const name = this.#chance(0.1) ? this.#pick(FILES) : this.#pick(FOLDERS);
    const path = this.#chance(0.1) ? `${name}/` : name;
    if (!this.#isPlayable(session, path)) return;
    // File names stay file names: what is cached of them by other sessions stays true.
    if (isMade && FILES.includes(name) && this.#kindOf(name) === 'missing') return;
    const { openssh } = await this.#ask(session, `${isMade ? 'mkdir' : 'rmdir'} ${path}`, (sftp) =>
      isMade ? sftp.mkdir(path) : sftp.rmdir(path),
    );
    if (openssh.code === 0) this.#changed(session, true);
  }

  async #look(session: number): Promise<void> {
    const kind = this.#random();
    if (kind < 0.2) {
      const folder = this.#pick(['.', ...FOLDERS, ...FILES]);
      if (!this.#isPlayable(session, folder)) return;
      await this.#ask(session, `list ${folder}`, (sftp) => sftp.list(folder));
      return;
    }
    const open = this.#pick(this.#open);
    // The size of a removed file no longer grows here.
    if (kind < 0.35 && open?.path !== undefined) {
      await this.#askHandle(open, 'fstat', (sftp, handle) => sftp.fstat(handle));
      return;
    }
    const path = this.#chance(0.2)
      ? this.#pick(this.#oddNames())
      : this.#pick([...FILES, ...FOLDERS]);
    if (!this.#isPlayable(session, path)) return;
    if (kind < 0.6) {
      await this.#ask(session, `stat ${path}`, (sftp) => sftp.stat(path));
    } else if (kind < 0.7 && this.#kindOf(path) !== 'folder') {
      const size = this.#sizeOf(path);
      await this.#ask(session, `setstat ${path}`, (sftp) => sftp.setSize(path, size));
    } else if (this.#kindOf(path) !== 'folder' && !this.#isOpen(path)) {
      // A folder can be opened for reading there, and not here; a file in hand cannot be read here.
      await this.#ask(session, `read ${path}`, (sftp) => sftp.fetch(path));
    }
  }

  /** A lost connection: there the fragments stay, here what was there before. Both get the same content then. */
  async #drop(session: number): Promise<void> {
    const pair = this.#sessions[session]!;
    const lost = this.#open.filter((each) => each.session === session);
    this.#open = this.#open.filter((each) => each.session !== session);
    this.#history.push(`drop ${session}`);
    const endedBefore = this.#endedSessions();
    await pair.gateway.drop();
    await pair.openssh.drop();
    await until(
      () => this.#endedSessions(),
      (ended) => ended > endedBefore,
    );
    this.#sessions[session] = await this.#connect();
    this.#forgotAt[session] = this.#clock;
    for (const { path } of lost) {
      if (path === undefined) continue;
      const content = randomBytes(100);
      await this.#ask(session, `repair ${path}`, (sftp) => sftp.store(path, content));
    }
    this.#count('drop');
  }

  #endedSessions(): number {
    return this.#gateway.lines.filter(({ line }) => line === 'session ended').length;
  }

  /** Closes all files, and compares names and contents. */
  async compareTrees(): Promise<void> {
    for (const open of this.#open) await this.#closeFile(open);
    const mine = await this.#storedTree();
    const theirs = await this.#referenceTree();
    this.#assertSame(mine, theirs);
    assert.deepEqual(await this.#gateway.unfinishedUploads(), []);
  }

  async #storedTree(): Promise<Record<string, string>> {
    const tree: Record<string, string> = {};
    const { Contents = [] } = await this.#gateway.s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET }),
    );
    for (const { Key = '' } of Contents) {
      tree[Key] = Key.endsWith('/') ? '' : (await this.#gateway.object(Key)).toString('base64');
    }
    return tree;
  }

  async #referenceTree(): Promise<Record<string, string>> {
    const tree: Record<string, string> = {};
    const entries = await readdir(this.#directory, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const key = path.slice(this.#directory.length + 1);
      if (entry.isDirectory()) tree[`${key}/`] = '';
      else tree[key] = (await readFile(path)).toString('base64');
    }
    return tree;
  }

  async #connect(): Promise<Pair> {
    return {
      gateway: await overSsh(await this.#gateway.connect()),
      openssh: await overStdio(this.#program, this.#directory),
    };
  }

  #askHandle(
    open: OpenFile,
    what: string,
    request: (sftp: RawSession['sftp'], handle: Buffer) => Promise<Answer>,
  ): Promise<Record<Side, Answer>> {
    return this.#ask(open.session, `${what} (${open.path ?? 'removed'})`, (sftp, side) =>
      request(sftp, open.handles[side]),
    );
  }

  async #ask(
    session: number,
    what: string,
    request: (sftp: RawSession['sftp'], side: Side) => Promise<Answer>,
  ): Promise<Record<Side, Answer>> {
    const pair = this.#sessions[session]!;
    const openssh = await request(pair.openssh.sftp, 'openssh');
    const gateway = await request(pair.gateway.sftp, 'gateway');
    this.#history.push(
      `${session}: ${what} -> ${openssh.code} ${gateway.code} ${gateway.message ?? ''}`,
    );
    this.#count(`${what.split(' ')[0]} ${openssh.code === 0 ? 'done' : 'refused'}`);
    // A name too long to exist does not exist here, and is no name there.
    const isTooLong = what.includes(TOO_LONG);
    this.#assertSame(comparable(gateway, isTooLong), comparable(openssh, isTooLong));
    return { gateway, openssh };
  }

  /**
   * Left out: folders above need not exist here, nor before a `..`; and other sessions do not see a file
   * before it is complete.
   */
  #isPlayable(session: number, path: string): boolean {
    if (path.startsWith('d/..') && this.#kindOf('d') !== 'folder') return false;
    const name = plain(path);
    const parent = name.split('/').slice(0, -1).join('/');
    if (parent !== '' && this.#kindOf(parent) === 'missing') return false;
    return !this.#open.some(
      (open) =>
        open.session !== session &&
        open.path !== undefined &&
        (name === '.' ||
          `${open.path}/`.startsWith(`${name}/`) ||
          `${name}/`.startsWith(`${open.path}/`)),
    );
  }

  #isOpen(path: string): boolean {
    return this.#open.some((each) => each.path === plain(path));
  }

  #changed(session: number, isFolder: boolean): void {
    if (isFolder) this.#foldersChangedAt = this.#clock;
    // One's own changes are known at once.
    this.#forgotAt[session] = this.#clock + 1;
  }

  #kindOf(path: string): 'file' | 'folder' | 'missing' {
    try {
      return statSync(join(this.#directory, plain(path))).isDirectory() ? 'folder' : 'file';
    } catch {
      return 'missing';
    }
  }

  #sizeOf(path: string): number {
    try {
      return statSync(join(this.#directory, plain(path))).size;
    } catch {
      return 0;
    }
  }

  #oddNames(): string[] {
    const file = this.#pick(FILES);
    return [`${file}/`, `${file}/below`, ...FOLDERS, TOO_LONG, `d/../${file}`];
  }

  #assertSame(mine: object, theirs: object): void {
    if (isDeepStrictEqual(mine, theirs)) return;
    const story = this.#history.slice(-40).join('\n').replaceAll(TOO_LONG, 'n...');
    const show = (what: object): string => JSON.stringify(what).slice(0, 2_000);
    assert.fail(`${story}\ngateway: ${show(mine)}\nOpenSSH: ${show(theirs)}`);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

/** Statuses beyond "no such file" are told by their words. */
function comparable(
  { code, data, names, sizeBytes, isFolder }: Answer,
  isTooLong: boolean,
): object {
  const status = code === 0 ? 'done' : code === 2 && !isTooLong ? 'no such file' : 'refused';
  return { status, data: data?.toString('base64'), names, sizeBytes, isFolder };
}

/** A path without slashes at its end and without `..`. */
function plain(path: string): string {
  return path.replace(/\/+$/, '').replace(/^d\/\.\.\//, '');
}
