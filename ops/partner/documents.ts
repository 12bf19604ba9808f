import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  parsePartnerText,
  type ParsedPartner,
} from '../../shared/identity/partner/parse-partner.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { partnerKey } from '../../shared/identity/partner/s3-partner-directory.ts';
import { OpsError } from '../ops-error.ts';
import type { Target } from '../target.ts';

/** A document as it lies in the bucket, and what makes sure that nobody else's change is overwritten. */
export type Stored = {
  readonly name: string;
  readonly parsed: ParsedPartner;
  readonly etag: string;
};

const KEY = /^partners\/(.*)\.json$/;

/**
 * The partners' documents of an installation. Whatever is written is written only over what was read,
 * so that two operators never undo one another's change unseen.
 */
export class Documents implements Disposable {
  readonly #s3: S3Client;
  readonly #bucket: string;
  /** In words, for messages. */
  readonly place: string;

  constructor(target: Target) {
    this.#s3 = new S3Client(target.settings('s3'));
    this.#bucket = target.physicalId('ConfigBucket');
    this.place = target.name;
  }

  [Symbol.dispose](): void {
    this.#s3.destroy();
  }

  /** In the order of their names. */
  async list(): Promise<readonly Stored[]> {
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

  async find(name: string): Promise<Stored | undefined> {
    try {
      const { Body, ETag = '' } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: partnerKey(name) }),
      );
      const parsed = parsePartnerText((await Body?.transformToString()) ?? '');
      return { name, parsed, etag: ETag };
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** @throws OpsError when there is no such partner */
  async get(name: string): Promise<Stored> {
    const stored = await this.find(name);
    if (stored !== undefined) return stored;
    throw new OpsError(`there is no partner "${name}" in ${this.place}`, {
      how: 'see `partner list`, or add it with `partner add`',
    });
  }

  /** @throws OpsError when there is one of that name already */
  async create(partner: Partner): Promise<void> {
    await this.#put(partner, { IfNoneMatch: '*' }, () => {
      throw new OpsError(`there is a partner "${partner.name}" already`, {
        how: 'see it with `partner show`, alter it with `partner change`, or choose another name',
      });
    });
  }

  /** @throws OpsError when somebody else has written or removed it since it was read */
  async replace(partner: Partner, { etag }: Stored): Promise<void> {
    await this.#put(partner, { IfMatch: etag }, () => {
      throw changedMeanwhile(partner.name);
    });
  }

  /** The bucket keeps the versions, so what was removed can be had back. @throws OpsError as `replace` */
  async remove({ name, etag }: Stored): Promise<void> {
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
  return new OpsError(`somebody else has changed "${name}" meanwhile; nothing was written`, {
    how: 'look at it with `partner show`, and try again',
  });
}

/** 412; 409 when two writes meet; 404 when what was to be replaced is gone. */
function isPreconditionFailed(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 412 || status === 409 || status === 404;
}
