import { setTimeout as sleep } from 'node:timers/promises';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { readEvidence } from '../../shared/commit/evidence.ts';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { recordedEnding, type Upload } from '../../shared/inbox/ledger-tags.ts';
import { readTags } from '../../shared/inbox/s3-tags.ts';
import { IngestError } from '../../shared/model/ingest-error.ts';
import { parseArrival } from '../../shared/parse/arrival.ts';
import { httpStatusOf, isNotFound } from '../../shared/s3/errors.ts';
import { listVersions } from '../../shared/s3/list-versions.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import type { Target } from '../target.ts';
import { watchRefusals } from './leased-messages.ts';

/** How a redriven dead letter ended. */
export type Ending =
  | { readonly kind: 'delivered' | 'superseded' | 'skipped' }
  | { readonly kind: 'quarantined' | 'held'; readonly finding: string }
  /** It left the inbox, and who asks may not look into quarantine. */
  | { readonly kind: 'quarantined or held' }
  /** The inbox did not have it any more when it was redriven. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string | undefined }
  /** None in the time given: it is tried again, or waits for a worker. */
  | { readonly kind: 'not ended' };

/** Each is a request to S3, which answers in some 20 ms. */
const REQUESTS_AT_ONCE = 16;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** SQS's counts are late, so the queue is read now and then although they have not changed. */
const LOOKS_PER_READ = 5;
const REQUEST_MS = 30_000;

/** Tells how redriven dead letters end: by the tags of the upload's version, and by the dead-letter queue. */
export class Endings implements Disposable {
  readonly #target: Target;
  readonly #s3: S3Client;
  readonly #signal: AbortSignal;
  /** Dead letters of before, whose bodies are those of the redriven ones. */
  readonly #knownIds: ReadonlySet<string>;

  constructor(target: Target, known: readonly DeadLetter[], signal: AbortSignal) {
    this.#target = target;
    this.#s3 = new S3Client(target.settings('s3'));
    this.#signal = signal;
    this.#knownIds = new Set(known.map(({ messageId }) => messageId));
  }

  [Symbol.dispose](): void {
    this.#s3.destroy();
  }

  /**
   * What is certain before a redrive: an upload that was settled meanwhile, or is gone. Called first so
   * that a missing permission is known before anything is sent.
   *
   * @throws OpsError when the tags may not be read
   */
  async before(deadLetters: readonly DeadLetter[]): Promise<Map<DeadLetter, Ending>> {
    const certain = new Map<DeadLetter, Ending>();
    await this.#each(deadLetters, async (deadLetter) => {
      const found = await this.#read(deadLetter);
      if (found === 'gone') certain.set(deadLetter, { kind: 'gone' });
      else if (found !== undefined) certain.set(deadLetter, found);
    });
    return certain;
  }

  /**
   * Waits until each has an ending, or the time is over.
   *
   * @param sentAt epoch milliseconds: when the first was sent
   * @param onEnded called at each step with the number of those that have ended
   */
  async wait(
    redriven: readonly DeadLetter[],
    { sentAt, waitMs }: { readonly sentAt: number; readonly waitMs: number },
    onEnded: (endedCount: number) => void,
  ): Promise<Map<DeadLetter, Ending>> {
    const endings = new Map<DeadLetter, Ending>();
    const until = Date.now() + waitMs;
    using refusals = watchRefusals(this.#target, this.#signal);
    let lastCount = 0;
    let pauseMs = FIRST_PAUSE_MS;
    for (let look = 1; ; look += 1) {
      const open = redriven.filter((deadLetter) => !endings.has(deadLetter));
      if (open.length === 0) return endings;
      const isLast = Date.now() >= until;
      const count = await refusals.count();
      if (count > lastCount || look % LOOKS_PER_READ === 0 || isLast) {
        this.#matchRefusals(open, await refusals.read(), endings);
      }
      lastCount = count;
      const unknown = open.filter((deadLetter) => !endings.has(deadLetter));
      await this.#each(unknown, async (deadLetter) => {
        const found = await this.#read(deadLetter);
        if (found === 'gone') endings.set(deadLetter, await this.#inQuarantine(deadLetter, sentAt));
        else if (found !== undefined) endings.set(deadLetter, found);
      });
      onEnded(endings.size);
      if (isLast) {
        for (const it of redriven) if (!endings.has(it)) endings.set(it, { kind: 'not ended' });
        return endings;
      }
      const restMs = Math.max(until - Date.now(), 0);
      await sleep(Math.min(pauseMs, restMs), undefined, { signal: this.#signal });
      pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
    }
  }

  /** The ingest dead-letters a body unchanged, and so does SQS. */
  #matchRefusals(
    open: readonly DeadLetter[],
    refused: readonly DeadLetter[],
    endings: Map<DeadLetter, Ending>,
  ): void {
    for (const { messageId, body, code, reason } of refused) {
      if (this.#knownIds.has(messageId)) continue;
      const again = open.find((it) => it.body === body && !endings.has(it));
      if (again !== undefined) endings.set(again, { kind: 'refused', code, reason });
    }
  }

  /** `undefined`: no ending yet, or none that the inbox could tell. */
  async #read(deadLetter: DeadLetter): Promise<Ending | 'gone' | undefined> {
    const upload = uploadOf(deadLetter);
    if (upload === undefined || upload.bucket !== this.#target.physicalId('InboxBucket')) {
      return undefined;
    }
    try {
      const tags = await readTags(this.#s3, upload, this.#timely());
      const kind = recordedEnding(upload, tags);
      // The mark of the first refusal stays until there is another ending.
      return kind === 'none' || kind === 'refused' ? undefined : { kind };
    } catch (error) {
      if (isNotFound(error)) return 'gone';
      if (httpStatusOf(error) !== 403) throw error;
      throw new OpsError(
        'the endings cannot be read in the inbox',
        {
          why: 'your credentials lack s3:GetObjectVersionTagging there',
          how: 'give --no-wait to redrive without waiting for the endings',
          exitCode: EXIT.failed,
        },
        { cause: error },
      );
    }
  }

  async #inQuarantine({ key = '' }: DeadLetter, sentAt: number): Promise<Ending> {
    const bucket = this.#target.physicalId('QuarantineBucket');
    try {
      for await (const { versions } of listVersions(this.#s3, { bucket, prefix: key })) {
        // S3 records whole seconds.
        const copy = versions.find((it) => it.key === key && it.storedAt >= sentAt - 1000);
        if (copy === undefined) continue;
        const { Metadata = {} } = await this.#s3.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: copy.versionId }),
        );
        const { verdict, finding } = readEvidence(Metadata);
        return { kind: verdict === 'infected' ? 'quarantined' : 'held', finding };
      }
      return { kind: 'gone' };
    } catch (error) {
      if (httpStatusOf(error) === 403) return { kind: 'quarantined or held' };
      throw error;
    }
  }

  async #each(
    deadLetters: readonly DeadLetter[],
    act: (deadLetter: DeadLetter) => Promise<void>,
  ): Promise<void> {
    const queue = new PQueue({ concurrency: REQUESTS_AT_ONCE });
    await queue.addAll(deadLetters.map((deadLetter) => () => act(deadLetter)));
  }

  #timely(): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(REQUEST_MS)]);
  }
}

function uploadOf({ body }: DeadLetter): Upload | undefined {
  try {
    return parseArrival(body);
  } catch (error) {
    if (error instanceof IngestError) return undefined;
    throw error;
  }
}
