import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
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
  /**
   * Never throws. The line comes without its line end. On return it is written or waits, so that what this process has
   * logged survives its death.
   */
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
  let waiting: Buffer[] = [];
  let [waitingBytes, droppedCount] = [0, 0];
  let retry: NodeJS.Timeout | undefined;

  function append(lines: Buffer): void {
    if (waitingBytes + lines.length > maxWaitingBytes) {
      droppedCount += 1;
      return;
    }
    waiting.push(lines);
    waitingBytes += lines.length;
    if (retry === undefined) writeAll();
  }

  function writeAll(): void {
    const isRetry = retry !== undefined;
    const bytes = waiting.length === 1 && waiting[0] ? waiting[0] : Buffer.concat(waiting);
    const { rest, error } = writeSome(file.fd, bytes);
    [waiting, waitingBytes, retry] = [rest.length > 0 ? [rest] : [], rest.length, undefined];
    if (error !== undefined) {
      if (!isRetry) onTrouble(`${path} cannot be written: ${describeError(error)}`);
      retry = setTimeout(writeAll, retryMs).unref();
    } else if (isRetry) {
      const lost = droppedCount > 0 ? `; ${droppedCount} lines were lost` : '';
      droppedCount = 0;
      onTrouble(`${path} can be written again${lost}`);
    }
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
      clearTimeout(retry);
      if (waiting.length > 0) writeSome(file.fd, Buffer.concat(waiting));
      await file.close();
    },
  };
}

/** A disk that fills up takes part of a text. */
function writeSome(fd: number, bytes: Buffer): { readonly rest: Buffer; readonly error?: unknown } {
  let writtenBytes = 0;
  try {
    while (writtenBytes < bytes.length) writtenBytes += writeSync(fd, bytes, writtenBytes);
  } catch (error) {
    return { rest: bytes.subarray(writtenBytes), error };
  }
  return { rest: Buffer.alloc(0) };
}
