import { landingTimeOf } from '../../shared/pipeline/landing-order.ts';
import type { Arrival, Tags } from '../../shared/model/arrival.ts';

export const INBOX = 'inbox';

/** What the bytes of an upload are; `unreadable` ones always break off before their end. */
export type Kind = 'clean' | 'infected' | 'unscannable' | 'unreadable';

/** One version, as long as S3 has it. */
export type Version = {
  readonly change: 'upload';
  /** Orders everything that happened in the inbox. */
  readonly seq: number;
  readonly key: string;
  readonly versionId: string;
  readonly content: string;
  readonly etag: string;
  readonly kind: Kind;
  /** Whole seconds, as S3 has it; not in the order of the uploads, as with multipart uploads. */
  readonly uploadedAt: number;
  tags: Tags;
  /** When it was first marked as delivered; for the judge. */
  deliveredAt?: number;
};

type Marker = {
  readonly change: 'deletion';
  readonly seq: number;
  readonly key: string;
  /** For the judge. */
  readonly deletedAt: number;
};

/** The versioned inbox bucket. It remembers, for the judge alone, also what was taken out. */
export class Inbox {
  /** What S3 still has, oldest first. */
  entries: (Version | Marker)[] = [];
  /** All uploads there ever were, oldest first. */
  readonly uploads: Version[] = [];
  readonly markers: Marker[] = [];
  #seq = 0;

  put(key: string, kind: Kind, content: string, uploadedAt: number, tags: Tags = {}): Version {
    const seq = (this.#seq += 1);
    const version: Version = {
      change: 'upload',
      seq,
      key,
      versionId: this.#versionId(key, seq),
      content,
      etag: `etag of ${content}`,
      kind,
      uploadedAt,
      tags,
    };
    this.entries.push(version);
    this.uploads.push(version);
    return version;
  }

  /** The marks in the milliseconds of landing times collide once in a thousand times; not here. */
  #versionId(key: string, seq: number): string {
    const markOf = (versionId: string): number =>
      landingTimeOf({ bucket: INBOX, key, versionId, etag: '' }, 0);
    const taken = new Set(this.uploads.map(({ versionId }) => markOf(versionId)));
    let versionId = `v${seq}`;
    for (let tries = 0; tries < 9 && taken.has(markOf(versionId)); tries += 1) versionId += "'";
    return versionId;
  }

  /** A delete without a version id: a marker on top, as SFTP's `rm` makes it. */
  delete(key: string, deletedAt: number): void {
    const marker: Marker = { change: 'deletion', seq: (this.#seq += 1), key, deletedAt };
    this.entries.push(marker);
    this.markers.push(marker);
  }

  current(key: string): Version | undefined {
    const top = this.entries.findLast((entry) => entry.key === key);
    return top?.change === 'upload' ? top : undefined;
  }

  find(key: string, versionId: string | undefined): Version | undefined {
    return this.versions().find((it) => it.key === key && it.versionId === versionId);
  }

  versions(): Version[] {
    return this.entries.filter((entry) => entry.change === 'upload');
  }

  /** The next older entry of a key, as a listing continued after a marker gives it. */
  olderThan(key: string, seq: number): Version | Marker | undefined {
    return this.entries.findLast((entry) => entry.key === key && entry.seq < seq);
  }

  remove(key: string, versionId: string | undefined): void {
    const version = this.find(key, versionId);
    this.entries = this.entries.filter((entry) => entry !== version);
  }

  /** True when the key was deleted after this upload, and before that moment. */
  isWithdrawn(version: Version, before = Infinity): boolean {
    return this.markers.some(
      ({ key, seq, deletedAt }) => key === version.key && seq > version.seq && deletedAt < before,
    );
  }
}

export function arrivalOf({ key, content, etag, versionId, uploadedAt }: Version): Arrival {
  const sizeBytes = content.length;
  return { bucket: INBOX, key, sizeBytes, etag, versionId, arrivedAt: uploadedAt };
}
