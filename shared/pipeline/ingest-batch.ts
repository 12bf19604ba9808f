import type { SQSBatchItemFailure, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import PQueue from 'p-queue';
import { mayStart } from '../decide/deadline.ts';
import { nextMove, type RetryPolicy } from '../decide/retry.ts';
import type { Arrival } from '../model/arrival.ts';
import type { Message } from '../model/message.ts';
import { parseArrival, parseMessage } from '../parse/arrival.ts';
import { type IngestError, toIngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import { announce, ingestObject } from './ingest-object.ts';
import type { BatchPorts } from './ports.ts';

export type BatchOptions = RetryPolicy & {
  /** Objects in flight at once; bounds memory, scanner threads and open files. */
  readonly concurrency: number;
  /** Milliseconds for the whole batch; what is unfinished then is aborted and retried. */
  readonly timeMs: number;
  /** Milliseconds after that, to announce and dead-letter what was aborted. */
  readonly reserveMs: number;
  /** Of this invocation; a dead letter names it, so that its log can be found. */
  readonly requestId: string;
};

/** Ingests a batch. A slow or poisonous message does not affect the other ones. */
export async function ingestBatch(
  records: readonly SQSRecord[],
  ports: BatchPorts,
  options: BatchOptions,
): Promise<SQSBatchResponse> {
  const batch = new Batch(ports, options);
  const queue = new PQueue({ concurrency: options.concurrency });
  const failures = await queue.addAll(
    records.map((record) => () => batch.ingest(parseMessage(record))),
  );
  return { batchItemFailures: failures.filter((failure) => failure !== undefined) };
}

class Batch {
  readonly #ports: BatchPorts;
  readonly #options: BatchOptions;
  readonly #endsAt: number;
  readonly #deadline: AbortSignal;

  constructor(ports: BatchPorts, options: BatchOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#endsAt = ports.now() + options.timeMs;
    this.#deadline = AbortSignal.timeout(options.timeMs);
  }

  /** Handles one message: undefined when SQS may delete it, a failure when it must come back. */
  async ingest(message: Message): Promise<SQSBatchItemFailure | undefined> {
    const { messageId, receiveCount } = message;
    const log = this.#ports.log.with({ messageId, receiveCount });
    try {
      const arrival = parseArrival(message.body);
      const { bucket, key, versionId } = arrival;
      const ports = { ...this.#ports, log: log.with({ bucket, key, versionId }) };
      return await this.#ingestArrival(message, arrival, ports);
    } catch (error) {
      const ports = { ...this.#ports, log };
      return await this.#afterFailure(message, undefined, toIngestError(error), ports);
    }
  }

  async #ingestArrival(
    message: Message,
    arrival: Arrival,
    ports: BatchPorts,
  ): Promise<SQSBatchItemFailure | undefined> {
    const { log } = ports;
    const { sizeBytes } = arrival;
    try {
      const startedAt = ports.now();
      if (!mayStart(sizeBytes, this.#endsAt - startedAt, this.#options.timeMs)) {
        return await this.#handBack(message, ports);
      }
      log.info('object started', { sizeBytes });
      const { messageId } = message;
      const attempt = { messageId, isRedelivery: false, signal: this.#deadline };
      const outcome = await ingestObject(arrival, attempt, ports);
      const { kind, ...details } = outcome;
      const tookMs = ports.now() - startedAt;
      log.info('object ended', { sizeBytes, outcome: kind, ...details, tookMs });
      return undefined;
    } catch (error) {
      return await this.#afterFailure(message, arrival, toIngestError(error), ports);
    }
  }

  /** Makes the message visible again at once, for another invocation. */
  async #handBack(message: Message, ports: BatchPorts): Promise<SQSBatchItemFailure> {
    ports.log.info('object handed back', { reason: 'too little time left to finish it' });
    await ports.queue.hideFor(message, 0);
    return { itemIdentifier: message.messageId };
  }

  /** Hides the message for a while, or dead-letters it; if either fails, it stays with SQS. */
  async #afterFailure(
    message: Message,
    arrival: Arrival | undefined,
    error: IngestError,
    ports: BatchPorts,
  ): Promise<SQSBatchItemFailure | undefined> {
    const { code } = error;
    try {
      const move = nextMove(error.disposition, message.receiveCount, this.#options);
      if (move === 'dead-letter') {
        await this.#deadLetter(message, arrival, error, ports);
        return undefined; // its copy is in the dead-letter queue, so SQS may delete this one
      }
      ports.log.warn('object will be retried', { code, reason: error.message, ...move });
      await ports.queue.hideFor(message, move.hideForS);
    } catch (cause) {
      // Neither is essential: SQS delivers it again, and dead-letters it at its receive limit.
      ports.log.error('message left to SQS', cause, { code });
    }
    return { itemIdentifier: message.messageId };
  }

  async #deadLetter(
    message: Message,
    arrival: Arrival | undefined,
    error: IngestError,
    ports: BatchPorts,
  ): Promise<void> {
    const { requestId, reserveMs } = this.#options;
    const { messageId } = message;
    const signal = AbortSignal.timeout(reserveMs);
    const refused = { kind: 'refused', code: error.code, reason: error.message } as const;
    await announce(refused, { arrival }, { messageId, signal }, ports);
    if (arrival) await this.#markRefused(arrival, signal, ports);
    const partner = arrival && (await ports.source.partnerOf(arrival, signal));
    await ports.queue.deadLetter({ message, arrival, partner, error, requestId });
    ports.log.error('object refused', error, { code: error.code });
  }

  /** Without the mark the sweep requeues it, which is a nuisance and no loss. */
  async #markRefused(arrival: Arrival, signal: AbortSignal, ports: BatchPorts): Promise<void> {
    try {
      await ports.settler.refuse(arrival, signal);
    } catch (error) {
      ports.log.warn('object not marked as refused', { reason: describeError(error) });
    }
  }
}
