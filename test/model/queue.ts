import type { SQSRecord } from 'aws-lambda';
import type { Random } from './random.ts';

type Queued = {
  readonly messageId: string;
  readonly body: string;
  receiveCount: number;
  /** `undefined` while anybody may receive it. */
  receipt: string | undefined;
  /** It comes back by itself: its worker died, or it was hidden for a while. */
  comesBack: boolean;
};

/** A standard SQS queue with its dead-letter queue. */
export class Queue {
  messages: Queued[] = [];
  /** Bodies; `reason` is undefined for those that SQS moved by itself. */
  deadLetters: { readonly body: string; readonly reason: string | undefined }[] = [];
  /** The body of each receive that a worker had, for the judge. */
  readonly received: string[] = [];
  readonly #maxReceiveCount: number;
  #count = 0;

  constructor(maxReceiveCount: number) {
    this.#maxReceiveCount = maxReceiveCount;
  }

  send(body: string): void {
    const messageId = `m${(this.#count += 1)}`;
    this.messages.push({
      messageId,
      body,
      receiveCount: 0,
      receipt: undefined,
      comesBack: false,
    });
  }

  get visible(): readonly Queued[] {
    return this.messages.filter(({ receipt }) => receipt === undefined);
  }

  get hidden(): readonly Queued[] {
    return this.messages.filter(({ receipt }) => receipt !== undefined);
  }

  /** Any visible messages, in any order. */
  receive(random: Random): SQSRecord[] {
    const wanted = 1 + random.below(2);
    const records: SQSRecord[] = [];
    while (records.length < wanted && this.visible.length > 0) {
      const message = random.pick(this.visible);
      records.push(...this.receiveOne((it) => it === message));
    }
    return records;
  }

  /** The oldest visible message that fits; over the limit it goes to the dead-letter queue. */
  receiveOne(fits: (message: Queued) => boolean): SQSRecord[] {
    const message = this.visible.find(fits);
    if (message === undefined) throw new Error('there is no such message');
    message.receiveCount += 1;
    if (message.receiveCount > this.#maxReceiveCount) {
      this.messages = this.messages.filter((it) => it !== message);
      this.deadLetters.push({ body: message.body, reason: undefined });
      return [];
    }
    message.receipt = `${message.messageId}/${message.receiveCount}`;
    message.comesBack = false;
    this.received.push(message.body);
    return [recordOf(message, message.receipt)];
  }

  /** The visibility timeout of a message is over, whatever its worker does. */
  show(message: Queued): void {
    message.receipt = undefined;
    message.comesBack = false;
  }

  comeBack(receipt: string): void {
    const message = this.messages.find((it) => it.receipt === receipt);
    if (message) message.comesBack = true;
  }

  /** SQS may or may not accept an older receipt; here it does not. */
  delete(receipt: string): void {
    this.messages = this.messages.filter((it) => it.receipt !== receipt);
  }

  /** What an operator does once the cause is fixed. */
  redrive(): void {
    const bodies = this.deadLetters.map(({ body }) => body);
    this.deadLetters = [];
    for (const body of bodies) this.send(body);
  }
}

function recordOf(message: Queued, receiptHandle: string): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle,
    body: message.body,
    md5OfBody: '',
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      ApproximateFirstReceiveTimestamp: '0',
      SentTimestamp: '0',
      SenderId: '',
    },
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}
