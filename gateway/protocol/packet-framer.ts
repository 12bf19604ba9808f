import { MAX_PACKET_BYTES } from './codes.ts';

/** The client violated the framing, so nothing after this can be parsed and the channel must close. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into SFTP packets (each without its length field).
 *
 * A packet may be a view of the chunk it arrived in: use it before the next turn, or copy it.
 */
export class PacketFramer {
  #header: Buffer = Buffer.alloc(LENGTH_BYTES);
  /** How many bytes of the length field have arrived. */
  #headerFilled = 0;
  /** The packet being assembled, when it did not arrive in one chunk. */
  #packet: Buffer | undefined;
  #packetFilled = 0;

  /** @throws ProtocolError for a packet of no bytes, or longer than MAX_PACKET_BYTES */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#packet !== undefined) {
        const copied = chunk.copy(this.#packet, this.#packetFilled, at);
        at += copied;
        this.#packetFilled += copied;
        if (this.#packetFilled < this.#packet.length) return;
        const packet = this.#packet;
        this.#packet = undefined;
        yield packet;
        continue;
      }
      const copied = chunk.copy(this.#header, this.#headerFilled, at);
      at += copied;
      this.#headerFilled += copied;
      if (this.#headerFilled < LENGTH_BYTES) return;
      this.#headerFilled = 0;
      const lengthBytes = this.#header.readUInt32BE(0);
      if (lengthBytes === 0 || lengthBytes > MAX_PACKET_BYTES) {
        throw new ProtocolError(`a packet of ${lengthBytes} bytes cannot be SFTP`);
      }
      if (chunk.length - at >= lengthBytes) {
        const packet = chunk.subarray(at, at + lengthBytes);
        at += lengthBytes;
        yield packet;
      } else {
        this.#packet = Buffer.allocUnsafe(lengthBytes);
        this.#packetFilled = 0;
      }
    }
  }
}
