import { assertNever } from '../../shared/platform/assert-never.ts';
import { ATTRIBUTE_FLAG, PROTOCOL_VERSION, REPLY, STATUS, type StatusCode } from './codes.ts';

/** What `ls` and `stat` report about one name. */
export type Attributes = {
  readonly mode: number;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
};

export type NameEntry = {
  readonly filename: string;
  readonly longname: string;
  readonly attributes: Attributes;
};

export type Reply =
  | { readonly reply: 'status'; readonly code: StatusCode; readonly message: string }
  | { readonly reply: 'handle'; readonly handle: string }
  /** `packet` comes from `dataPacket`, so that file bytes are copied only once. */
  | { readonly reply: 'data'; readonly packet: Buffer }
  | { readonly reply: 'names'; readonly entries: readonly NameEntry[] }
  | { readonly reply: 'attributes'; readonly attributes: Attributes }
  | { readonly reply: 'numbers'; readonly values: readonly bigint[] };

export const OK: Reply = { reply: 'status', code: STATUS.ok, message: 'OK' };
export const EOF: Reply = { reply: 'status', code: STATUS.eof, message: 'end of file' };

const DATA_HEADER_BYTES = 13;

/** A DATA packet for `lengthBytes`; `body` is the part to fill. */
export function dataPacket(lengthBytes: number): { readonly packet: Buffer; body: Buffer } {
  const packet = Buffer.allocUnsafe(DATA_HEADER_BYTES + lengthBytes);
  return { packet, body: packet.subarray(DATA_HEADER_BYTES) };
}

export function encodeVersion(extensions: ReadonlyArray<readonly [string, string]>): Buffer {
  return framed(REPLY.version, [
    uint32(PROTOCOL_VERSION),
    ...extensions.flatMap(([name, version]) => [text(name), text(version)]),
  ]);
}

export function encodeReply(id: number, reply: Reply): Buffer {
  switch (reply.reply) {
    case 'status':
      return framed(REPLY.status, [
        uint32(id),
        uint32(reply.code),
        text(reply.message),
        text('en'),
      ]);
    case 'handle':
      return framed(REPLY.handle, [uint32(id), text(reply.handle)]);
    case 'data': {
      const { packet } = reply;
      packet.writeUInt32BE(packet.length - 4, 0);
      packet.writeUInt8(REPLY.data, 4);
      packet.writeUInt32BE(id, 5);
      packet.writeUInt32BE(packet.length - DATA_HEADER_BYTES, 9);
      return packet;
    }
    case 'names':
      return framed(REPLY.name, [
        uint32(id),
        uint32(reply.entries.length),
        ...reply.entries.flatMap((entry) => [
          text(entry.filename),
          text(entry.longname),
          encodeAttributes(entry.attributes),
        ]),
      ]);
    case 'attributes':
      return framed(REPLY.attrs, [uint32(id), encodeAttributes(reply.attributes)]);
    case 'numbers':
      return framed(REPLY.extended, [uint32(id), ...reply.values.map(uint64)]);
    default:
      return assertNever(reply);
  }
}

/** S3 objects have no owner ids; this is the id of an ordinary user. */
const OWNER_ID = 1000;

function encodeAttributes({ mode, sizeBytes, modifiedAt }: Attributes): Buffer {
  const bytes = Buffer.alloc(32);
  const { size, owner, permissions, times } = ATTRIBUTE_FLAG;
  bytes.writeUInt32BE(size | owner | permissions | times, 0);
  bytes.writeBigUInt64BE(BigInt(sizeBytes), 4);
  bytes.writeUInt32BE(OWNER_ID, 12);
  bytes.writeUInt32BE(OWNER_ID, 16);
  bytes.writeUInt32BE(mode, 20);
  const modifiedS = Math.max(0, Math.floor(modifiedAt / 1000));
  bytes.writeUInt32BE(modifiedS, 24);
  bytes.writeUInt32BE(modifiedS, 28);
  return bytes;
}

function framed(type: number, fields: readonly Buffer[]): Buffer {
  const header = Buffer.allocUnsafe(5);
  const bodyBytes = fields.reduce((sum, field) => sum + field.length, 1);
  header.writeUInt32BE(bodyBytes, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, ...fields]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(value, 0);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint32(bytes.length), bytes]);
}
