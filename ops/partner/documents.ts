import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  parsePartnerText,
  type ParsedPartner,
} from '../../shared/identity/partner/parse-partner.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { partnerKey } from '../../shared/identity/partner/s3-partner-directory.ts';
import { httpStatusOf, isNoSuchKey } from '../../shared/s3/errors.ts';
import { OpsError } from '../ops-error.ts';
import type { Target } from '../target.ts';

/** A document in the bucket, with the ETag that protects concurrent changes from being overwritten. */
export type StoredDocument = {
  readonly name: string;
  readonly parsed: ParsedPartner;
  readonly etag: string;
};

const KEY = /^partners\/(.*)\.json$/;

/**
 * The partners' documents of an installation. Writes are conditional on the version that was read, so
 * that operators do not overwrite each other's changes.
 */
export class Documents implements Disposable {
  readonly #s3: S3Client;
  readonly #bucket: string;
  /** For messages. */
  readonly place: string;

  constructor(target: Target) {
    this.#s3 = new S3Client(target.settings('s3'));
    this.#bucket = target.physicalId('ConfigBucket');
    this.place = target.name;
  }

  [Symbol.dispose](): void {
    this.#s3.destroy();
  }

  /** By name. */
  async list(): Promise<readonly StoredDocument[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: 'partners/',
          ContinuationToken: token,
        }),
      );
      names.push(...(page.Contents ?? []).flatMap(({ Key = '' }) => KEY.exec(Key)?.[1] ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return (await Promise.all(names.map((name) => this.find(name)))).filter(
      (stored) => stored !== undefined,
    );
  }

  async find(name: string): Promise<StoredDocument | undefined> {
    try {
      const { Body, ETag = '' } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: partnerKey(name) }),
      );
      const parsed = parsePartnerText((await Body?.transformToString()) ?? '');
      return { name, parsed, etag: ETag };
    } catch (error) {
      if (isNoSuchKey(error)) return undefined;
      throw error;
    }
  }

  /** @throws OpsError when there is no such partner */
  async get(name: string): Promise<StoredDocument> {
    const stored = await this.find(name);
    if (stored !== undefined) return stored;
    throw new OpsError(`there is no partner "${name}" in ${this.place}`, {
      how: 'see `partner list`, or add it with `partner add`',
    });
  }

  /** @throws OpsError when there is one of that name already */
  async create(partner: Partner): Promise<void> {
    await this.#put(partner, { IfNoneMatch: '*' }, () => {
      throw new OpsError(`there is already a partner "${partner.name}"`, {
        how: 'see it with `partner show`, change it with `partner change`, or choose another name',
      });
    });
  }

  /** @throws OpsError when it was changed or removed since it was read */
  async replace(partner: Partner, { etag }: StoredDocument): Promise<void> {
    await this.#put(partner, { IfMatch: etag }, () => {
      throw changedMeanwhile(partner.name);
    });
  }

  /** The bucket keeps the versions, so it can be restored. @throws OpsError as `replace` */
  async remove({ name, etag }: StoredDocument): Promise<void> {
    try {
      await this.#s3.send(
        new DeleteObjectCommand({ Bucket: this.#bucket, Key: partnerKey(name), IfMatch: etag }),
      );
    } catch (error) {
      if (isPreconditionFailed(error)) throw changedMeanwhile(name);
      throw error;
    }
  }

  async #put(
    partner: Partner,
    condition: { IfMatch: string } | { IfNoneMatch: string },
    onFailed: () => never,
  ): Promise<void> {
    try {
      await this.#s3.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: partnerKey(partner.name),
          Body: `${JSON.stringify(partner, null, 2)}\n`,
          ContentType: 'application/json',
          ...condition,
        }),
      );
    } catch (error) {
      if (isPreconditionFailed(error)) onFailed();
      throw error;
    }
  }
}

function changedMeanwhile(name: string): OpsError {
  return new OpsError(`"${name}" was changed by somebody else meanwhile; nothing was written`, {
    how: 'check it with `partner show`, and try again',
  });
}

/** 412; 409 for concurrent writes; 404 when the object to replace was deleted. */
function isPreconditionFailed(error: unknown): boolean {
  const status = httpStatusOf(error);
  return status === 412 || status === 409 || status === 404;
}
