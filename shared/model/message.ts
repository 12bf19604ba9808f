/** One SQS message as the batch hands it on. */
export type Message = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** Times SQS has handed it out, this one included. */
  readonly receiveCount: number;
  /** Epoch milliseconds of the first receive. */
  readonly firstReceivedAt: number;
};
