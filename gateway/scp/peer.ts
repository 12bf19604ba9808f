import { once } from 'node:events';
import type { ServerChannel } from 'ssh2';
import { ByteReader, ScpProtocolError } from './byte-reader.ts';

const OK = Buffer.from([0]);
const WARNING = '\u0001';

/** The `scp` on the other side of a channel. */
export class ScpPeer {
  readonly reader: ByteReader;
  readonly #channel: ServerChannel;
  readonly #gone: AbortSignal;
  #hasWarned = false;

  readonly #onActivity: () => void;

  constructor(channel: ServerChannel, gone: AbortSignal, onActivity: () => void) {
    this.#channel = channel;
    this.#gone = gone;
    this.#onActivity = onActivity;
    this.reader = new ByteReader(channel, onActivity);
  }

  /** Whether anything was refused; the exit code says so. */
  get hasWarned(): boolean {
    return this.#hasWarned;
  }

  async ok(): Promise<void> {
    await this.send(OK);
  }

  /** Says what went wrong; the other side prints it and goes on. */
  async warn(message: string): Promise<void> {
    this.#hasWarned = true;
    await this.send(Buffer.from(`${WARNING}scp: ${message.replaceAll(/\p{Cc}+/gu, ' ')}\n`));
  }

  /** Resolves when there is room for more. @throws when the other side is gone */
  async send(bytes: Buffer): Promise<void> {
    this.#gone.throwIfAborted();
    this.#onActivity();
    if (!this.#channel.write(bytes)) await once(this.#channel, 'drain', { signal: this.#gone });
  }

  /**
   * Waits for the answer to what was sent.
   *
   * @returns undefined for yes, or what the other side complains about; then it goes on with the next
   * @throws ScpProtocolError when it gave up altogether
   */
  async answer(): Promise<string | undefined> {
    const [code] = await this.reader.some(1);
    if (code === 0) return undefined;
    const message = (await this.reader.line())?.toString('utf8') ?? '';
    if (code === 1) return message;
    throw new ScpProtocolError(code === 2 ? message : 'unexpected answer');
  }

  /** @param code as of a command: 0 when all went well */
  end(code: number): void {
    this.#channel.exit(code);
    this.#channel.end();
  }
}
