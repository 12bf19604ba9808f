/**
 * Numbers of the SSH File Transfer Protocol, version 3.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02
 */
export const PROTOCOL_VERSION = 3;

export const STATUS = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

export type StatusCode = (typeof STATUS)[keyof typeof STATUS];

export const REPLY = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 201,
} as const;

export const OPEN_FLAG = {
  read: 0x01,
  write: 0x02,
  append: 0x04,
  create: 0x08,
  truncate: 0x10,
  exclusive: 0x20,
} as const;

export const ATTRIBUTE_FLAG = {
  size: 0x01,
  owner: 0x02,
  permissions: 0x04,
  times: 0x08,
} as const;

/** The longest packet accepted, as in OpenSSH's server. */
export const MAX_PACKET_BYTES = 256 * 1024;

/** The most that one READ is answered with, as in OpenSSH's server; reported through `limits@openssh.com`. */
export const MAX_READ_BYTES = 255 * 1024;

/** The most that a WRITE should carry, reported likewise. More is accepted, and would only use more memory. */
export const MAX_WRITE_BYTES = 64 * 1024;
