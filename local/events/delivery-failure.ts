/** Codes as EventBridge puts them on dead letters. */
type DeliveryErrorCode =
  | 'ERROR_FROM_TARGET'
  | 'NO_PERMISSIONS'
  | 'NO_RESOURCE'
  | 'SDK_CLIENT_ERROR'
  | 'THROTTLING';

export type DeliveryFailure = {
  readonly code: DeliveryErrorCode;
  readonly message: string;
  readonly isRetriable: boolean;
};

const NO_RESOURCE = /QueueDoesNotExist|NonExistentQueue|^NotFound/;
const NO_PERMISSIONS = /AccessDenied|AuthorizationError|^InvalidSecurity/;
const THROTTLING = /Throttl|TooManyRequests|OverLimit/;

/**
 * Decides whether to retry a delivery. With a missing target or permission the event goes straight
 * to the dead-letter queue.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
 */
export function classifyFailure(error: unknown): DeliveryFailure {
  const name = error instanceof Error ? error.name : '';
  const message = (error instanceof Error && error.message) || String(error);
  if (NO_RESOURCE.test(name)) return { code: 'NO_RESOURCE', message, isRetriable: false };
  if (NO_PERMISSIONS.test(name)) return { code: 'NO_PERMISSIONS', message, isRetriable: false };
  if (THROTTLING.test(name)) return { code: 'THROTTLING', message, isRetriable: true };
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    return { code: 'SDK_CLIENT_ERROR', message, isRetriable: false };
  }
  return { code: 'ERROR_FROM_TARGET', message, isRetriable: true };
}

/** The HTTP status on an AWS SDK error; undefined if there was no response. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const status: unknown = 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}
