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

/** What happened to a file or folder; paths as `/bucket/key`. */
export type Happening =
  | {
      readonly what: 'File Upload' | 'File Download';
      readonly path: string;
      readonly bytes: number;
      readonly etag?: string | undefined;
      /** Why it did not end well. */
      readonly failure?: string;
    }
  | { readonly what: 'File Delete'; readonly path: string }
  | { readonly what: 'File Rename'; readonly path: string; readonly newPath: string }
  | { readonly what: 'Directory Create' | 'Directory Delete'; readonly path: string };

/**
 * The event that AWS Transfer Family publishes for the same happening, so that a rule written for one
 * server works for the other.
 *
 * @see https://docs.aws.amazon.com/transfer/latest/userguide/events-detail-reference.html
 */
export function transferEvent(
  session: EventSession,
  happening: Happening,
  startedAt: number,
  endedAt: number,
): TransferEvent {
  const failure = 'failure' in happening ? happening.failure : undefined;
  const isComplete = failure === undefined;
  return {
    detailType: `SFTP Server ${happening.what} ${isComplete ? 'Completed' : 'Failed'}`,
    detail: {
      'status-code': isComplete ? 'COMPLETED' : 'FAILED',
      protocol: 'SFTP',
      'client-ip': session.clientIp,
      'start-timestamp': new Date(startedAt).toISOString(),
      'end-timestamp': new Date(endedAt).toISOString(),
      'server-id': session.serverId,
      username: session.username,
      'session-id': session.sessionId,
      ...about(happening),
      ...(isComplete
        ? {}
        : {
            'failure-code':
              happening.what === 'File Upload' ? 'PARTIAL_UPLOAD' : 'PARTIAL_DOWNLOAD',
            'failure-message': failure,
          }),
    },
  };
}

function about(happening: Happening): TransferEvent['detail'] {
  switch (happening.what) {
    case 'File Upload':
    case 'File Download': {
      const { path, bytes, etag } = happening;
      // Without the quotes that HTTP puts around it.
      const tag = etag?.replaceAll('"', '');
      return { 'file-path': path, bytes, ...(tag === undefined ? {} : { etag: tag }) };
    }
    case 'File Delete':
      return { 'file-path': happening.path };
    case 'File Rename':
      return { 'original-file-path': happening.path, 'renamed-file-path': happening.newPath };
    case 'Directory Create':
    case 'Directory Delete':
      return { 'directory-path': happening.path };
    default:
      return happening satisfies never;
  }
}
