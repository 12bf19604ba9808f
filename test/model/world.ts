import { landingTimeOf } from '../../shared/pipeline/landing-order.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import type { IngestErrorCode } from '../../shared/model/ingest-error.ts';
import { IngestError } from '../../shared/model/ingest-error.ts';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { arrivalOf, Inbox, type Version } from './inbox.ts';
import { type File, FileSystems } from './landing.ts';
import { Queue } from './queue.ts';
import { Random } from './random.ts';
import { type Actor, Scheduler } from './scheduler.ts';
import { isOneByOne, type Size, sizeOf } from './size.ts';

/** A promise that was broken, and when. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Everything outside the pipeline, as it behaves on AWS, under one seed. */
export class World {
  readonly seed: number;
  readonly size: Size;
  readonly random: Random;
  readonly scheduler = new Scheduler();
  readonly inbox = new Inbox();
  readonly queue: Queue;
  readonly files: FileSystems;
  /** Which version each copy in the quarantine bucket was made from, oldest first. */
  readonly quarantined: { readonly key: string; readonly versionId: string }[] = [];
  readonly notices: Notice[] = [];
  readonly #landed = new Set<Version>();
  broken: BrokenPromise | undefined;
  /** Events that EventBridge has not delivered yet. */
  events: string[] = [];
  /** What may still go wrong. */
  readonly left: { -readonly [K in keyof Size]: number };
  /** What happened, line by line; only kept when asked for. */
  readonly trace: string[] | undefined;

  constructor(seed: number, options: { readonly size?: Size; readonly traced?: boolean } = {}) {
    this.seed = seed;
    this.size = options.size ?? sizeOf(seed);
    this.left = { ...this.size };
    this.random = new Random(seed);
    this.queue = new Queue(this.size.maxReceiveCount);
    this.files = new FileSystems((path, file) => {
      this.#mustBeClean(path, file);
      this.#mustNotComeBack(path, file);
    });
    this.trace = options.traced ? [] : undefined;
  }

  /** A partner's upload and its event. */
  upload(...upload: Parameters<Inbox['put']>): Version {
    const version = this.inbox.put(...upload);
    this.events.push(encodeArrival(arrivalOf(version)));
    return version;
  }

  note(line: string): void {
    this.trace?.push(line);
  }

  /** Notes a broken promise. Not thrown, since the pipeline would retry on it. */
  breaks(how: string): void {
    this.note(`BROKEN: ${how}`);
    this.broken ??= new BrokenPromise(how);
  }

  /** Uses up one of what may go wrong, with a probability. */
  happens(what: keyof Size, probability: number): boolean {
    if (this.left[what] === 0 || !this.random.chance(probability)) return false;
    this.left[what] -= 1;
    return true;
  }

  /**
   * One effect of an actor: parked before and after it, so that the actor may die, be overtaken,
   * or see a failure on either side of it.
   */
  async effect<T>(actor: Actor, label: string, code: IngestErrorCode, act: () => T): Promise<T> {
    await this.scheduler.park(actor, label);
    this.#mayFail(actor, code, `${label} failed before it took effect`);
    const result = act();
    await this.scheduler.park(actor, `${label}: done`);
    this.#mayFail(actor, code, `${label} failed after it took effect`);
    return result;
  }

  /** One read of an actor. */
  async read<T>(actor: Actor, label: string, code: IngestErrorCode, look: () => T): Promise<T> {
    await this.scheduler.park(actor, label);
    this.#mayFail(actor, code, `${label} failed`);
    return look();
  }

  #mayFail(actor: Actor, code: IngestErrorCode, what: string): void {
    if (!this.happens('failures', 0.03)) return;
    this.note(`    ${what}`);
    throw new IngestError(code, what);
  }

  /** Promises 1 and 3, at every moment. */
  #mustBeClean(path: string, { content }: File): void {
    const source = this.inbox.uploads.find((it) => it.key === path && it.content === content);
    if (source?.kind === 'clean') return;
    const what = source ? `the ${source.kind} upload ${source.versionId}` : 'no upload of this key';
    this.breaks(`under the landing root, ${path} now shows "${content}", ${what}`);
  }

  /** Promise 4: what had been overtaken when its message was received does not land any more. */
  #mustNotComeBack(path: string, { modifiedAt, owner }: File): void {
    const uploads = this.inbox.uploads.filter(({ key }) => key === path);
    const isThis = (it: Version): boolean =>
      landingTimeOf(arrivalOf(it), it.uploadedAt) === modifiedAt;
    const version = uploads.find(isThis);
    if (version === undefined) {
      this.breaks(`${path} lands with a time that is no upload's`);
      return;
    }
    const newer = uploads.find(
      (it) =>
        it.seq > version.seq &&
        (it.deliveredAt ?? Infinity) < owner.since &&
        !this.#mayHaveLostItsMark(it),
    );
    const what = `${path} ${version.versionId} lands`;
    if (newer) this.breaks(`${what}, although ${newer.versionId} was delivered before`);
    const landedBefore = this.#landed.has(version);
    this.#landed.add(version);
    if (!landedBefore && this.inbox.isWithdrawn(version, owner.since)) {
      this.breaks(`${what}, although it had been deleted before`);
    }
  }

  /**
   * Two workers that are busy with one upload may write different tags, and the later one wins: a
   * delivered upload may so be marked as superseded by its deletion, or as refused.
   */
  #mayHaveLostItsMark(version: Version): boolean {
    if (isOneByOne(this.size)) return false;
    const told = this.notices.filter(({ object }) => object?.versionId === version.versionId);
    return this.inbox.isWithdrawn(version) || told.some(({ outcome }) => outcome === 'refused');
  }
}
