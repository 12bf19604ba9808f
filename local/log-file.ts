import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../shared/platform/errors.ts';

export type LogFileOptions = {
  readonly path: string;
  /** Called once when writing begins to fail, and once when it works again. */
  readonly onTrouble: (what: string) => void;
  /** Default: {@link RETRY_MS}. */
  readonly retryMs?: number;
  /** Default: {@link MAX_WAITING_BYTES}. */
  readonly maxWaitingBytes?: number;
};

/**
 * A file that lines are appended to, and that survives a full disk: what cannot be written waits in memory and is written
 * when there is room. Disposing tries once more, and closes the file.
 */
export interface LogFile extends AsyncDisposable {
  /** Never throws and never waits. The line comes without its line end. */
  readonly write: (line: string) => void;
  /** Appends what a process prints, line by line, so that several may share the file. */
  readonly writeFrom: (output: Readable) => void;
}

const RETRY_MS = 1_000;
/** Beyond this the newest lines are dropped and counted. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const LINE_END = 0x0a;

/** Readable by its owner only: logs name partners and files. @throws Error when the file cannot be opened */
export async function openLogFile(options: LogFileOptions): Promise<LogFile> {
  const { path, onTrouble, retryMs = RETRY_MS, maxWaitingBytes = MAX_WAITING_BYTES } = options;
  const file = await open(path, 'a', 0o600);
  // An earlier version left some readable; a file of somebody else's stays as it is.
  await file.chmod(0o600).catch(() => {});
  const closing = new AbortController();
  const waiting: Buffer[] = [];
  let [waitingBytes, droppedCount, isFailing] = [0, 0, false];
  let writing: Promise<void> | undefined;

  function append(line: Buffer): void {
    if (waitingBytes + line.length > maxWaitingBytes) {
      droppedCount += 1;
      return;
    }
    waiting.push(line);
    waitingBytes += line.length;
    writing ??= writeAll().finally(() => (writing = undefined));
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = Buffer.concat(waiting.splice(0));
      const writtenBytes = await writeSome(file, batch, onFailure);
      waitingBytes -= writtenBytes;
      if (writtenBytes === batch.length) {
        onSuccess();
        continue;
      }
      waiting.unshift(batch.subarray(writtenBytes));
      if (closing.signal.aborted) return;
      await sleep(retryMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  function onFailure(error: unknown): void {
    if (!isFailing) onTrouble(`${path} cannot be written: ${describeError(error)}`);
    isFailing = true;
  }

  function onSuccess(): void {
    if (!isFailing) return;
    const lost = droppedCount > 0 ? `; ${droppedCount} lines were lost` : '';
    onTrouble(`${path} can be written again${lost}`);
    [isFailing, droppedCount] = [false, 0];
  }

  return {
    write: (line) => append(Buffer.from(`${line}\n`)),
    writeFrom(output) {
      let rest = Buffer.alloc(0);
      output.on('data', (chunk: Buffer) => {
        const text = Buffer.concat([rest, chunk]);
        const end = text.lastIndexOf(LINE_END) + 1;
        if (end > 0) append(text.subarray(0, end));
        rest = text.subarray(end);
      });
      output.on('end', () => rest.length > 0 && append(Buffer.concat([rest, Buffer.from('\n')])));
      output.on('error', () => {});
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await writing;
      await file.close().catch(() => {});
    },
  };
}

/** A disk that fills up takes part of a text. @returns how many bytes were written */
async function writeSome(
  file: FileHandle,
  bytes: Buffer,
  onFailure: (error: unknown) => void,
): Promise<number> {
  let writtenBytes = 0;
  try {
    while (writtenBytes < bytes.length) {
      writtenBytes += (await file.write(bytes, writtenBytes)).bytesWritten;
    }
  } catch (error) {
    onFailure(error);
  }
  return writtenBytes;
}
