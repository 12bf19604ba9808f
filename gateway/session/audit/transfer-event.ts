/** What the events of one session have in common. */
export type EventSession = {
  readonly sessionId: string;
  readonly username: string;
  readonly serverId: string;
  readonly clientIp: string;
};

export type TransferEvent = {
  readonly detailType: string;
  readonly detail: Readonly<Record<string, string | number>>;
};

/** What a partner did to a file or folder; paths as `/bucket/key`. */
export type FileOperation =
  | {
      readonly name: 'File Upload' | 'File Download';
      readonly path: string;
      readonly bytes: number;
      readonly etag?: string | undefined;
      /** Why it failed. */
      readonly failure?: string;
    }
  | { readonly name: 'File Delete'; readonly path: string }
  | { readonly name: 'File Rename'; readonly path: string; readonly newPath: string }
  | { readonly name: 'Directory Create' | 'Directory Delete'; readonly path: string };

/**
 * The event that AWS Transfer Family publishes for the same operation, so that EventBridge rules written
 * for one server work for the other.
 *
 * @see https://docs.aws.amazon.com/transfer/latest/userguide/events-detail-reference.html
 */
export function transferEvent(
  session: EventSession,
  operation: FileOperation,
  startedAt: number,
  endedAt: number,
): TransferEvent {
  const failure = 'failure' in operation ? operation.failure : undefined;
  const isComplete = failure === undefined;
  return {
    detailType: `SFTP Server ${operation.name} ${isComplete ? 'Completed' : 'Failed'}`,
    detail: {
      'status-code': isComplete ? 'COMPLETED' : 'FAILED',
      protocol: 'SFTP',
      'client-ip': session.clientIp,
      'start-timestamp': new Date(startedAt).toISOString(),
      'end-timestamp': new Date(endedAt).toISOString(),
      'server-id': session.serverId,
      username: session.username,
      'session-id': session.sessionId,
      ...pathFields(operation),
      ...(isComplete
        ? {}
        : {
            'failure-code':
              operation.name === 'File Upload' ? 'PARTIAL_UPLOAD' : 'PARTIAL_DOWNLOAD',
            'failure-message': failure,
          }),
    },
  };
}

function pathFields(operation: FileOperation): TransferEvent['detail'] {
  switch (operation.name) {
    case 'File Upload':
    case 'File Download': {
      const { path, bytes, etag } = operation;
      // Without the quotes of the HTTP header.
      const tag = etag?.replaceAll('"', '');
      return { 'file-path': path, bytes, ...(tag === undefined ? {} : { etag: tag }) };
    }
    case 'File Delete':
      return { 'file-path': operation.path };
    case 'File Rename':
      return { 'original-file-path': operation.path, 'renamed-file-path': operation.newPath };
    case 'Directory Create':
    case 'Directory Delete':
      return { 'directory-path': operation.path };
    default:
      return operation satisfies never;
  }
}
