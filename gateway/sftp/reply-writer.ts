import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';

/** Bytes that may be buffered for a client that reads slowly. */
const BACKLOG_BYTES = 1024 * 1024;

/** Writes replies to a channel. Those of one tick are joined: fewer packets to encrypt, fewer writes. */
export class ReplyWriter {
  readonly #channel: ServerChannel;
  readonly #socket: Socket;
  /** Aborted when the client can receive no more replies. */
  readonly #gone: AbortSignal;
  #waiting: Buffer[] = [];
  #isEnded = false;

  constructor(channel: ServerChannel, socket: Socket, gone: AbortSignal) {
    this.#channel = channel;
    this.#socket = socket;
    this.#gone = gone;
  }

  send(reply: Buffer): void {
    if (this.#waiting.push(reply) === 1) process.nextTick(() => this.#flush());
  }

  /** Resolves when the client has read enough of the replies, or is gone. */
  async waitForRoom(): Promise<void> {
    const signal = this.#gone;
    if (signal.aborted) return;
    try {
      // The channel waits for the SSH window, the socket for TCP; ssh2 does not propagate one to the other.
      while (this.#channel.writableNeedDrain) await once(this.#channel, 'drain', { signal });
      while (this.#socket.writableNeedDrain && this.#socket.writableLength > BACKLOG_BYTES) {
        await once(this.#socket, 'drain', { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Sends the remaining replies and closes the channel. */
  end(): void {
    this.#flush();
    this.#isEnded = true;
    this.#channel.exit(0);
    this.#channel.end();
  }

  #flush(): void {
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first === undefined || this.#isEnded || !this.#channel.writable) return;
    this.#channel.write(others.length === 0 ? first : Buffer.concat([first, ...others]));
  }
}
