/** A field of a packet: its length, then its bytes. */
export function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A packet without its length, with the id 7. */
export function request(type: number, ...fields: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([type, 0, 0, 0, 7]), ...fields]);
}
