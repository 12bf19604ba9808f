import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Finding } from '../../model/verdict.ts';
import { IngestError } from '../../model/ingest-error.ts';
import { exceeded, type OpeningBudget } from '../opening-budget.ts';
import type { Member, Opener } from '../opener.ts';
import { openIn, type Workshop } from '../sandbox/workshop.ts';
import { BEGIN, decoderFor } from './decode.ts';
import { type Header, readHeader } from './header.ts';

/** Longer headers are no mail's. */
const HEADER_BYTES = 512 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Lines that begin like a boundary. */
const MAX_LINES = 200_000;
/** Far more than any mail has. */
const MAX_PARTS = 5_000;
const MAX_DEPTH = 32;
const LONGEST_BOUNDARY = 256;

/**
 * Takes the parts out of a mail, decoded: by ranges of the file, so that memory does not depend on
 * its size. Ours, and in this process, because it only copies and decodes: the mail libraries at hand
 * hold a whole mail in memory, and cannot be interrupted.
 */
export function mimeOpener(): Opener {
  return {
    open: async (path, _container, _listed, budget, signal) =>
      await openIn(async (workshop) => {
        await using file = await open(path, 'r');
        const { size } = await stat(path);
        const walk = new Walk({ path, file, workshop, budget, signal });
        await walk.open(size);
        return { members: walk.members, unread: walk.unread };
      }),
  };
}

type World = {
  readonly path: string;
  readonly file: FileHandle;
  readonly workshop: Workshop;
  readonly budget: OpeningBudget;
  readonly signal: AbortSignal;
};

/** From the first byte to before the last one. */
type Range = { readonly start: number; readonly end: number };
type Line = { readonly at: number; readonly text: string };

class Walk {
  readonly members: Member[] = [];
  unread: Finding | undefined;
  readonly #world: World;
  #boundaryLines: readonly Line[] | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  async open(sizeBytes: number): Promise<void> {
    const start = await this.#skipBlank(0, sizeBytes);
    const first = await this.#text(start, Math.min(start + 5, sizeBytes));
    if (first === 'From ') await this.#mailbox({ start, end: sizeBytes });
    else await this.#entity({ start, end: sizeBytes }, 0, true);
  }

  /** Several mails in one file, each after a line that begins with `From `. */
  async #mailbox(range: Range): Promise<void> {
    const marks = await this.#linesThatBegin('From ', range);
    for (const [index, { at }] of marks.entries()) {
      const start = await this.#endOfLine(at, range.end);
      const end = marks[index + 1]?.at ?? range.end;
      if (marks.length === 1) await this.#entity({ start, end }, 0, true);
      else await this.#take({ start, end }, '', `mail ${index + 1}`);
    }
  }

  async #entity(range: Range, depth: number, isWhole: boolean): Promise<void> {
    if (this.unread !== undefined) return;
    const split = await this.#header(range);
    if (split === undefined) return;
    const { header, body } = split;
    this.unread ??= header.unread;
    if (depth > MAX_DEPTH)
      this.unread ??= {
        reason: 'archive-nesting',
        detail: `a mail with parts nested more than ${MAX_DEPTH} deep`,
      };
    if (this.unread !== undefined) return;
    if (header.boundary !== undefined && header.type.startsWith('multipart/'))
      await this.#parts(body, header.boundary, depth);
    else if (!isWhole || isEncoded(header)) await this.#leaf(header, body);
    else await this.#inText(body);
  }

  async #parts(body: Range, boundary: string, depth: number): Promise<void> {
    this.#boundaryLines ??= await this.#linesThatBegin('--', { start: 0, end: Infinity });
    const mark = `--${boundary}`;
    const marks = this.#boundaryLines.filter(
      ({ at, text }) => at >= body.start && at < body.end && text.startsWith(mark),
    );
    // What is before the first and behind the last is for no one, and still may be a file.
    const [first] = marks;
    await this.#leftover({ start: body.start, end: first?.at ?? body.end });
    for (const [index, { at, text }] of marks.entries()) {
      const start = await this.#endOfLine(at, body.end);
      const next = marks[index + 1];
      const end = next === undefined ? body.end : await this.#beforeLineEnd(next.at);
      if (text.startsWith(`${mark}--`)) await this.#leftover({ start, end });
      else await this.#entity({ start, end }, depth + 1, false);
    }
  }

  async #leftover(range: Range): Promise<void> {
    if ((await this.#skipBlank(range.start, range.end)) < range.end)
      await this.#take(range, '', 'text between the parts');
  }

  async #leaf({ encoding, name, type }: Header, body: Range): Promise<void> {
    await this.#take(body, encoding, name ?? type);
    if (!isEncoded({ encoding })) await this.#inText(body);
  }

  /** Files within a text, as Usenet has them. */
  async #inText(range: Range): Promise<void> {
    for (const { at, text } of await this.#linesThatBegin('begin ', range)) {
      if (!BEGIN.test(text)) continue;
      await this.#take({ start: at, end: range.end }, 'uuencode', text.slice(10).trim());
    }
    if ((await this.#linesThatBegin('=ybegin ', range)).length > 0)
      this.unread ??= { reason: 'archive-method', detail: 'a mail with a file in yEnc' };
  }

  async #take(range: Range, encoding: string, name: string): Promise<void> {
    const { path, workshop, budget, signal } = this.#world;
    this.unread ??= budget.take(1, range.end - range.start);
    if (this.members.length >= MAX_PARTS)
      this.unread ??= exceeded(`a mail with more than ${MAX_PARTS} parts`);
    const decoder = decoderFor(encoding);
    if (decoder === undefined)
      this.unread ??= {
        reason: 'archive-method',
        detail: `an attachment in ${encoding.slice(0, 40)}`,
      };
    if (this.unread !== undefined || decoder === undefined || range.end <= range.start) return;
    const to = workshop.newPath();
    const source = createReadStream(path, {
      start: range.start,
      end: range.end - 1,
      highWaterMark: PIECE_BYTES,
    });
    try {
      await pipeline(source, decoder, createWriteStream(to, { mode: 0o600 }), { signal });
    } catch (error) {
      throw signal.aborted ? deadlineNear() : error;
    }
    this.members.push({ name, path: to });
    if (decoder.isAmbiguous())
      this.unread ??= {
        reason: 'archive-structure',
        detail: 'an attachment whose base64 goes on behind its end',
        member: name,
      };
  }

  async #header(range: Range): Promise<{ header: Header; body: Range } | undefined> {
    const text = await this.#text(range.start, Math.min(range.start + HEADER_BYTES, range.end));
    const blank = /^\r?\n/.exec(text) ?? /\r?\n\r?\n/.exec(text);
    if (blank === null && range.end - range.start > HEADER_BYTES) {
      this.unread ??= exceeded(`a mail with a header of more than ${HEADER_BYTES} bytes`);
      return undefined;
    }
    const headerBytes = blank === null ? text.length : blank.index;
    const start = range.start + headerBytes + (blank?.[0].length ?? 0);
    return { header: readHeader(text.slice(0, headerBytes)), body: { start, end: range.end } };
  }

  /** The lines with such a beginning; their text is cut. */
  async #linesThatBegin(beginning: string, range: Range): Promise<readonly Line[]> {
    const mark = Buffer.from(`\n${beginning}`, 'latin1');
    const lines: Line[] = [];
    const overlap = mark.length + LONGEST_BOUNDARY;
    for (let at = Math.max(range.start - 1, 0); at < range.end; at += PIECE_BYTES) {
      if (this.#world.signal.aborted) throw deadlineNear();
      const piece = await this.#bytes(at, Math.min(at + PIECE_BYTES + overlap, range.end));
      if (piece.length === 0) break;
      if (at === 0 && piece.toString('latin1', 0, beginning.length) === beginning)
        lines.push(lineAt(piece, 0, 0));
      for (
        let found = piece.indexOf(mark);
        found >= 0 && found < PIECE_BYTES;
        found = piece.indexOf(mark, found + 1)
      ) {
        lines.push(lineAt(piece, found + 1, at));
        if (lines.length <= MAX_LINES) continue;
        this.unread ??= exceeded(
          `a mail with more than ${MAX_LINES} lines that begin with "${beginning}"`,
        );
        return [];
      }
    }
    return lines;
  }

  /** The line end before a boundary belongs to the boundary. */
  async #beforeLineEnd(at: number): Promise<number> {
    const before = await this.#text(Math.max(at - 2, 0), at);
    return before === '\r\n' ? at - 2 : at - 1;
  }

  async #endOfLine(at: number, end: number): Promise<number> {
    for (let from = at; from < end; from += PIECE_BYTES) {
      const found = (await this.#bytes(from, Math.min(from + PIECE_BYTES, end))).indexOf(0x0a);
      if (found >= 0) return from + found + 1;
    }
    return end;
  }

  async #skipBlank(start: number, end: number): Promise<number> {
    for (let at = start; at < end; at += PIECE_BYTES) {
      const piece = await this.#text(at, Math.min(at + PIECE_BYTES, end));
      const found = piece.search(/[^\s\ufeff\xef\xbb\xbf]/);
      if (found >= 0) return at + found;
    }
    return end;
  }

  async #text(start: number, end: number): Promise<string> {
    return (await this.#bytes(start, end)).toString('latin1');
  }

  async #bytes(start: number, end: number): Promise<Buffer> {
    const length = Math.max(Math.min(end - start, PIECE_BYTES * 4), 0);
    const { buffer, bytesRead } = await this.#world.file.read(
      Buffer.alloc(length),
      0,
      length,
      start,
    );
    return buffer.subarray(0, bytesRead);
  }
}

function lineAt(piece: Buffer, from: number, base: number): Line {
  const end = piece.indexOf(0x0a, from);
  const text = piece.toString(
    'latin1',
    from,
    Math.min(end < 0 ? piece.length : end, from + LONGEST_BOUNDARY),
  );
  return { at: base + from, text };
}

function isEncoded({ encoding }: Pick<Header, 'encoding'>): boolean {
  return !['', '7bit', '8bit', 'binary'].includes(encoding);
}

function deadlineNear(): IngestError {
  return new IngestError('DEADLINE_NEAR', 'opening a mail was stopped before the deadline');
}
