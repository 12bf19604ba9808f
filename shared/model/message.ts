/** One received SQS message. */
export type Message = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often SQS has delivered it, this receive included. */
  readonly receiveCount: number;
  /** Epoch milliseconds of the first receive. */
  readonly firstReceivedAt: number;
};
