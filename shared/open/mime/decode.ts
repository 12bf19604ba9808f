import { Transform } from 'node:stream';

/** Decodes the body of a part, piece by piece, as the most tolerant mail program would. */
export type Decode = Transform & {
  /** Set when programs differ in what they would make of it. */
  readonly isAmbiguous: () => boolean;
};

/** By `Content-Transfer-Encoding`; `undefined` for an encoding that is not known. */
export function decoderFor(encoding: string): Decode | undefined {
  switch (encoding) {
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return decoding((text) => [Buffer.from(text, 'latin1'), '']);
    case 'base64':
      return base64();
    case 'quoted-printable':
      return decoding(quotedPrintable);
    case 'uuencode':
    case 'x-uuencode':
    case 'x-uue':
    case 'uue':
      return uuencoded();
    default:
      return undefined;
  }
}

type Step = (text: string, isLast: boolean) => readonly [decoded: Buffer, rest: string];

/** @param step returns what it decoded, and what it needs to see again with the next piece */
function decoding(step: Step, isAmbiguous: () => boolean = () => false): Decode {
  let rest = '';
  const stream = new Transform({
    transform(chunk, _encoding, done) {
      const [decoded, left] = step(rest + Buffer.from(chunk).toString('latin1'), false);
      rest = left;
      done(null, decoded);
    },
    flush(done) {
      done(null, step(rest, true)[0]);
    },
  });
  return Object.assign(stream, { isAmbiguous });
}

/** Ignores what is not in the alphabet. Some programs stop at padding, others go on behind it. */
function base64(): Decode {
  let isPadded = false;
  let goesOn = false;
  const step: Step = (text, isLast) => {
    const letters = text.replaceAll(/[^A-Za-z0-9+/=]/g, '');
    const end = letters.indexOf('=');
    if (isPadded && /[^=]/.test(letters)) goesOn = true;
    if (isPadded) return [EMPTY, ''];
    if (end >= 0) {
      isPadded = true;
      goesOn ||= /[^=]/.test(letters.slice(end));
    }
    const data = end >= 0 ? letters.slice(0, end) : letters;
    const whole = isLast || end >= 0 ? data.length : data.length - (data.length % 4);
    return [Buffer.from(data.slice(0, whole), 'base64'), data.slice(whole)];
  };
  return decoding(step, () => goesOn);
}

const EMPTY = Buffer.alloc(0);

/** An escape may be cut by the end of a piece. https://www.rfc-editor.org/rfc/rfc2045 section 6.7 */
const quotedPrintable: Step = (text, isLast) => {
  const cut = isLast ? -1 : text.indexOf('=', Math.max(text.length - 80, 0));
  const now = cut < 0 ? text : text.slice(0, cut);
  const decoded = now
    .replaceAll(/=[ \t]{0,76}\r?\n/g, '')
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return [Buffer.from(decoded, 'latin1'), cut < 0 ? '' : text.slice(cut)];
};

/** Lines of a length and as many bytes, from the one after `begin` to `end`. */
function uuencoded(): Decode {
  let isInside = false;
  let isOver = false;
  return decoding((text, isLast) => {
    const lines = text.split('\n');
    const rest = isLast ? '' : (lines.pop() ?? '');
    const decoded: Buffer[] = [];
    for (const line of lines) {
      if (!isInside) isInside = !isOver && BEGIN.test(line);
      else if (/^end\s*$/.test(line)) [isInside, isOver] = [false, true];
      else decoded.push(uuLine(line));
    }
    return [Buffer.concat(decoded), rest.slice(0, 4096)];
  });
}

/** The line before a file in a text. POSIX, uuencode. */
export const BEGIN = /^begin [0-7]{3,4} \S/;

function uuLine(line: string): Buffer {
  const value = (at: number): number => ((line.codePointAt(at) ?? 32) - 32) & 63;
  const count = value(0);
  const bytes = Buffer.alloc(Math.ceil(count / 3) * 3);
  for (let at = 0; at < count; at += 3) {
    const from = 1 + (at / 3) * 4;
    const word =
      (value(from) << 18) | (value(from + 1) << 12) | (value(from + 2) << 6) | value(from + 3);
    bytes.writeUIntBE(word, at, 3);
  }
  return bytes.subarray(0, count);
}
