/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
export type EventBridgeErrorType =
  | 'InvalidEventPatternException'
  | 'LimitExceededException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'ValidationException';

/** A refusal as EventBridge words it; on the wire `type` becomes `__type`. */
export class EventBridgeError extends Error {
  override readonly name = 'EventBridgeError';
  readonly type: EventBridgeErrorType;

  constructor(type: EventBridgeErrorType, message: string) {
    super(message);
    this.type = type;
  }
}
