import { SftpFailure, statusOf, unsupported } from './status.ts';
import { STATUS, type StatusCode } from './codes.ts';
import { FieldReader } from './field-reader.ts';
import { ProtocolError } from './packet-framer.ts';

type Path = { readonly path: string };
type Handle = { readonly handle: string };
type Pair = { readonly from: string; readonly to: string };
type Size = {
  readonly sizeBytes: number | undefined;
  /** Epoch milliseconds. */
  readonly modifiedAt: number | undefined;
};

/** Every request this server knows, by name, with its fields. */
type RequestFields = {
  open: Path & { readonly flags: number; readonly modifiedAt: number | undefined };
  close: Handle;
  read: Handle & { readonly offset: number; readonly lengthBytes: number };
  write: Handle & { readonly offset: number; readonly data: Buffer };
  stat: Path;
  lstat: Path;
  fstat: Handle;
  setstat: Path & Size;
  fsetstat: Handle & Size;
  opendir: Path;
  readdir: Handle;
  remove: Path;
  mkdir: Path;
  rmdir: Path;
  realpath: Path;
  rename: Pair;
  posixRename: Pair;
  fsync: Handle;
  statvfs: Path;
  limits: object;
  /** A request with a readable id that is refused for this reason. */
  refused: { readonly code: StatusCode; readonly message: string };
};

export type RequestName = keyof RequestFields;

export type SftpRequest<Name extends RequestName = RequestName> = {
  [N in Name]: { readonly name: N; readonly id: number } & RequestFields[N];
}[Name];

/** For every request but INIT, which has no id: see `isInit`. */
type Parser = (id: number, fields: FieldReader) => SftpRequest;

const path =
  (name: 'stat' | 'lstat' | 'opendir' | 'remove' | 'mkdir' | 'rmdir' | 'realpath' | 'statvfs') =>
  (id: number, fields: FieldReader): SftpRequest => ({ name, id, path: fields.text() });

const handle =
  (name: 'close' | 'fstat' | 'readdir' | 'fsync') =>
  (id: number, fields: FieldReader): SftpRequest => ({ name, id, handle: fields.handle() });

const pair =
  (name: 'rename' | 'posixRename') =>
  (id: number, fields: FieldReader): SftpRequest => ({
    name,
    id,
    from: fields.text(),
    to: fields.text(),
  });

const refuse = (message: string) => (): SftpRequest => {
  throw unsupported(message);
};

const PARSERS: Readonly<Record<number, Parser>> = {
  3: (id, fields) => ({
    name: 'open',
    id,
    path: fields.text(),
    flags: fields.uint32(),
    modifiedAt: fields.attributes().modifiedAt,
  }),
  4: handle('close'),
  5: (id, fields) => ({
    name: 'read',
    id,
    handle: fields.handle(),
    offset: fields.uint64(),
    lengthBytes: fields.uint32(),
  }),
  6: (id, fields) => ({
    name: 'write',
    id,
    handle: fields.handle(),
    offset: fields.uint64(),
    data: fields.bytes(),
  }),
  7: path('lstat'),
  8: handle('fstat'),
  9: (id, fields) => ({ name: 'setstat', id, path: fields.text(), ...fields.attributes() }),
  10: (id, fields) => ({ name: 'fsetstat', id, handle: fields.handle(), ...fields.attributes() }),
  11: path('opendir'),
  12: handle('readdir'),
  13: path('remove'),
  14: path('mkdir'),
  15: path('rmdir'),
  16: path('realpath'),
  17: path('stat'),
  18: pair('rename'),
  19: refuse('symbolic links are not supported'),
  20: refuse('symbolic links are not supported'),
  200: (id, fields) => {
    const extension = EXTENSIONS[fields.text()];
    if (extension === undefined) throw unsupported('this server does not know that extension');
    return extension.parse(id, fields);
  },
};

/** The advertised OpenSSH extensions with their versions. */
export const EXTENSIONS: Readonly<Record<string, { readonly version: string; parse: Parser }>> = {
  'posix-rename@openssh.com': { version: '1', parse: pair('posixRename') },
  'fsync@openssh.com': { version: '1', parse: handle('fsync') },
  'statvfs@openssh.com': { version: '2', parse: path('statvfs') },
  'limits@openssh.com': { version: '1', parse: (id) => ({ name: 'limits', id }) },
  'lsetstat@openssh.com': {
    version: '1',
    parse: (id, fields) => ({ name: 'setstat', id, path: fields.text(), ...fields.attributes() }),
  },
};

const INIT = 1;

export function isInit(packet: Buffer): boolean {
  return packet[0] === INIT;
}

/**
 * Everything that can be answered becomes a request, of the name `refused` if it is invalid.
 *
 * @throws ProtocolError when not even the request's id can be read
 */
export function parseRequest(packet: Buffer): SftpRequest {
  if (packet.length < 5) throw new ProtocolError('a request without an id');
  const id = packet.readUInt32BE(1);
  try {
    const parse = PARSERS[packet.readUInt8(0)];
    if (parse === undefined) throw unsupported('this server does not know that request');
    return parse(id, new FieldReader(packet, 5));
  } catch (error) {
    if (error instanceof SftpFailure) return { name: 'refused', id, ...statusOf(error) };
    return { name: 'refused', id, code: STATUS.badMessage, message: 'malformed request' };
  }
}
