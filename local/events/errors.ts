/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
export type EventBridgeErrorType =
  | 'InvalidEventPatternException'
  | 'LimitExceededException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'ValidationException';

/** An error of the EventBridge API; in the response `type` becomes `__type`. */
export class EventBridgeError extends Error {
  override readonly name = 'EventBridgeError';
  readonly type: EventBridgeErrorType;

  constructor(type: EventBridgeErrorType, message: string) {
    super(message);
    this.type = type;
  }
}
