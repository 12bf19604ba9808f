import type { Context } from './handles.ts';
import { openFile } from './open-file.ts';
import * as paths from './path-handlers.ts';
import { SftpFailure, statusOf } from '../protocol/status.ts';
import { STATUS } from '../protocol/codes.ts';
import * as transfers from './transfer-handlers.ts';
import type { Reply } from '../protocol/replies.ts';
import type { RequestName, SftpRequest } from '../protocol/requests.ts';

type Handlers = {
  readonly [Name in RequestName]: (context: Context, request: SftpRequest<Name>) => Promise<Reply>;
};

/** The handler of each SFTP request. */
const HANDLERS: Handlers = {
  open: openFile,
  close: transfers.closeHandle,
  read: transfers.readFile,
  write: transfers.writeFile,
  fstat: transfers.statHandle,
  fsetstat: transfers.setHandleAttributes,
  fsync: transfers.syncHandle,
  stat: paths.statPath,
  lstat: paths.statPath,
  setstat: paths.setPathAttributes,
  realpath: paths.realPath,
  opendir: paths.openFolder,
  readdir: paths.readFolder,
  mkdir: paths.makeDirectory,
  rmdir: paths.removeDirectory,
  remove: paths.removeFile,
  rename: paths.renamePath,
  posixRename: paths.renamePath,
  statvfs: paths.statFileSystem,
  limits: paths.reportLimits,
  refused: paths.refuse,
};

/** The reply to a request. Never rejects: errors become status replies. */
export async function answer<Name extends RequestName>(
  context: Context,
  request: SftpRequest<Name>,
): Promise<Reply> {
  try {
    return await HANDLERS[request.name](context, request);
  } catch (error) {
    const status = statusOf(error);
    if (status.code === STATUS.permissionDenied) {
      context.audit.refused(request.name, 'path' in request ? request.path : undefined);
    }
    // An SftpFailure is the client's error and only in the reply; everything else is logged, too.
    if (!(error instanceof SftpFailure)) {
      context.log('request failed', { request: request.name, told: status.message, error });
    }
    return { reply: 'status', ...status };
  }
}
