import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { errorCode } from '../../platform/errors.ts';
import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, inMemory, openBytes, pieces } from './bytes.ts';
import { formatOf, HEAD_BYTES, TAIL_BYTES } from './format.ts';

export type Expanded = AsyncDisposable & {
  readonly bytes: Bytes;
  readonly sizeBytes: number;
  /** Packed bytes of the stream; unpackers ignore what follows them. */
  readonly consumedBytes: number;
};

/** Inflated synchronously up to this size. */
const SMALL_BYTES = 64 * 1024;
const MEMORY_BYTES = 8 * 2 ** 20;

/**
 * Unpacks a deflate stream into memory, or into a temporary file when it is large.
 *
 * @throws UnscannableError when it is broken or truncated, larger than `maxBytes`, or exceeds the
 *   budget
 */
export async function inflate(
  packed: Bytes,
  what: string,
  maxBytes: number,
  budget: Budget,
): Promise<Expanded> {
  if (packed.sizeBytes <= SMALL_BYTES && maxBytes <= MEMORY_BYTES) {
    const small = inflateSmall(await packed.read(0, packed.sizeBytes), what, maxBytes);
    budget.takeExpanded(small.sizeBytes);
    return small;
  }
  const unpacker = createInflateRaw({ chunkSize: 256 * 1024 });
  const store = new Store();
  const feeding = feed(packed, unpacker);
  feeding.catch(() => {});
  try {
    let sizeBytes = 0;
    for await (const chunk of unpacker) {
      const bytes: Buffer = chunk;
      sizeBytes += bytes.length;
      budget.takeExpanded(bytes.length);
      if (sizeBytes > maxBytes) throw tooLong(what, maxBytes);
      await store.add(bytes);
    }
    await feeding;
    return {
      bytes: await store.finish(),
      sizeBytes,
      consumedBytes: unpacker.bytesWritten,
      [Symbol.asyncDispose]: () => store.discard(),
    };
  } catch (error) {
    unpacker.destroy();
    await store.discard();
    throw toUnscannableError(error, what);
  }
}

function inflateSmall(packed: Buffer, what: string, maxBytes: number): Expanded {
  try {
    // One more than allowed, to tell a stream that is too long from a broken one.
    const options = { info: true, maxOutputLength: maxBytes + 1 } as const;
    const { buffer, engine } = readInfo(inflateRawSync(packed, options));
    if (buffer.length > maxBytes) throw tooLong(what, maxBytes);
    return {
      bytes: inMemory(buffer),
      sizeBytes: buffer.length,
      consumedBytes: engine.bytesWritten,
      async [Symbol.asyncDispose]() {},
    };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLong(what, maxBytes);
    throw toUnscannableError(error, what);
  }
}

type Info = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

/** With `info` zlib also returns its engine, which Node's types lack. */
function readInfo(result: unknown): Info {
  if (isInfo(result)) return result;
  throw new Error('zlib returned no engine');
}

function isInfo(result: unknown): result is Info {
  return typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result;
}

async function feed(packed: Bytes, unpacker: ReturnType<typeof createInflateRaw>): Promise<void> {
  let wake: (() => void) | undefined;
  for (const event of ['drain', 'end', 'close']) unpacker.on(event, () => wake?.());
  try {
    for await (const { piece } of pieces(packed, 0, packed.sizeBytes)) {
      if (unpacker.destroyed || unpacker.readableEnded) return;
      if (unpacker.write(piece)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    unpacker.end();
  } catch (error) {
    unpacker.destroy(error instanceof Error ? error : new Error('unreadable'));
    throw error;
  }
}

function tooLong(what: string, maxBytes: number): UnscannableError {
  return new UnscannableError(
    'archive-structure',
    `${what} is longer than the stated ${maxBytes} bytes`,
  );
}

function toUnscannableError(error: unknown, what: string): unknown {
  const code = errorCode(error) ?? '';
  return code.startsWith('Z_')
    ? new UnscannableError('archive-structure', `${what} is broken or truncated`)
    : error;
}

/**
 * Stores unpacked bytes: in memory at first, then in a file if the format is one to inspect. Of any
 * other format only the head and the tail are kept, to look for archives that begin or end there.
 */
class Store {
  #memory: Buffer[] = [];
  #memoryBytes = 0;
  #head: Buffer | undefined;
  #sizeBytes = 0;
  #path: string | undefined;
  #file: FileHandle | undefined;
  #opened: (Bytes & AsyncDisposable) | undefined;

  async add(bytes: Buffer): Promise<void> {
    this.#memory.push(bytes);
    this.#memoryBytes += bytes.length;
    this.#sizeBytes += bytes.length;
    if (this.#memoryBytes >= MEMORY_BYTES) await this.#flush();
  }

  async finish(): Promise<Bytes> {
    const rest = Buffer.concat(this.#memory);
    if (this.#path !== undefined) {
      await this.#flush();
      this.#opened = await openBytes(this.#path);
      return this.#opened;
    }
    return this.#head === undefined ? inMemory(rest) : onlyEdges(this.#head, rest, this.#sizeBytes);
  }

  async discard(): Promise<void> {
    this.#memory = [];
    await this.#file?.close();
    await this.#opened?.[Symbol.asyncDispose]();
    if (this.#path !== undefined) await rm(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#memory);
    if (this.#head === undefined) {
      // As much as is searched for an archive that begins late.
      this.#head = bytes;
      if (formatOf(bytes.subarray(0, HEAD_BYTES)) !== undefined) {
        this.#path = join(tmpdir(), `airlock-inspect-${randomUUID()}`);
        this.#file = await open(this.#path, 'wx', 0o600);
      }
    }
    await this.#file?.writeFile(bytes);
    this.#memory = this.#file ? [] : [Buffer.from(bytes.subarray(-TAIL_BYTES))];
    this.#memoryBytes = this.#file ? 0 : TAIL_BYTES;
  }
}

function onlyEdges(head: Buffer, tail: Buffer, sizeBytes: number): Bytes {
  const tailAt = sizeBytes - tail.length;
  return {
    sizeBytes,
    async read(at, length) {
      if (at >= tailAt) return tail.subarray(at - tailAt, at - tailAt + length);
      if (at + length <= head.length) return head.subarray(at, at + length);
      throw new UnscannableError(
        'archive-nesting',
        'something that ends like a zip and starts like something else',
      );
    },
  };
}
