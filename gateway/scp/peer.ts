import { once } from 'node:events';
import type { ServerChannel } from 'ssh2';
import { ByteReader, ScpProtocolError } from './byte-reader.ts';

const OK = Buffer.from([0]);
const WARNING = '\u0001';

/** The client's `scp` at the other end of a channel. */
export class ScpPeer {
  readonly reader: ByteReader;
  readonly #channel: ServerChannel;
  /** Aborted when the client has hung up or the connection has ended. */
  readonly gone: AbortSignal;
  #hasWarned = false;

  readonly #onActivity: () => void;

  constructor(channel: ServerChannel, gone: AbortSignal, onActivity: () => void) {
    this.#channel = channel;
    this.gone = gone;
    this.#onActivity = onActivity;
    this.reader = new ByteReader(channel, onActivity);
  }

  /** Whether a warning was sent; the exit code is 1 then. */
  get hasWarned(): boolean {
    return this.#hasWarned;
  }

  async ok(): Promise<void> {
    await this.send(OK);
  }

  /** Sends an error message that the client prints before it continues. */
  async warn(message: string): Promise<void> {
    this.#hasWarned = true;
    await this.send(Buffer.from(`${WARNING}scp: ${message.replaceAll(/\p{Cc}+/gu, ' ')}\n`));
  }

  /** Resolves when more may be sent. @throws when the client is gone */
  async send(bytes: Buffer): Promise<void> {
    this.gone.throwIfAborted();
    this.#onActivity();
    if (!this.#channel.write(bytes)) await once(this.#channel, 'drain', { signal: this.gone });
  }

  /**
   * Waits for the client's reply to what was sent.
   *
   * @returns undefined for OK, or the client's warning, after which it continues with the next file
   * @throws ScpProtocolError for a fatal error
   */
  async readReply(): Promise<string | undefined> {
    const [code] = await this.reader.read(1);
    if (code === 0) return undefined;
    const message = (await this.reader.readLine())?.toString('utf8') ?? '';
    if (code === 1) return message;
    throw new ScpProtocolError(code === 2 ? message : 'unexpected reply');
  }

  /** @param code the exit code */
  end(code: number): void {
    this.#channel.exit(code);
    this.#channel.end();
  }
}
