import { httpStatusOf } from '../../shared/s3/errors.ts';
import { STATUS, type StatusCode } from './codes.ts';

/** A request that ends in an SFTP status other than OK. Clients show the message to their users. */
export class SftpFailure extends Error {
  override readonly name = 'SftpFailure';
  readonly status: StatusCode;

  constructor(status: StatusCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export function noSuchFile(path: string): SftpFailure {
  return new SftpFailure(STATUS.noSuchFile, `${path}: no such file or folder`);
}

/** The answer where a folder was expected, with the status that OpenSSH gives it. */
export function notAFolder(path: string): SftpFailure {
  return new SftpFailure(STATUS.noSuchFile, `${path} is a file, not a folder`);
}

export function failure(message: string, options?: ErrorOptions): SftpFailure {
  return new SftpFailure(STATUS.failure, message, options);
}

export function permissionDenied(message = 'permission denied'): SftpFailure {
  return new SftpFailure(STATUS.permissionDenied, message);
}

export function unsupported(message: string): SftpFailure {
  return new SftpFailure(STATUS.unsupported, message);
}

/**
 * What the client is told about an error: the message of an SftpFailure, a short sentence for an error
 * response of S3, and no details for anything else (they are in the log).
 */
export function statusOf(error: unknown): { readonly code: StatusCode; readonly message: string } {
  if (error instanceof SftpFailure) return { code: error.status, message: error.message };
  const status = httpStatusOf(error) ?? 0;
  if (status >= 500) {
    return { code: STATUS.failure, message: 'the storage is busy; try again later' };
  }
  switch (status) {
    case 0:
      return { code: STATUS.failure, message: 'the storage behind this server did not answer' };
    case 404:
      return { code: STATUS.noSuchFile, message: 'no such file or folder' };
    case 403:
      return { code: STATUS.permissionDenied, message: 'permission denied' };
    case 409:
      return {
        code: STATUS.failure,
        message: 'another client is storing the same file; try again',
      };
    case 412:
      return { code: STATUS.failure, message: 'the file was replaced in the meantime' };
    default:
      return { code: STATUS.failure, message: 'the storage refused the request' };
  }
}
