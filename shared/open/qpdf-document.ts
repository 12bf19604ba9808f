import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What a PDF says of its streams, by the numbers of their objects. */
export type DocumentFacts = {
  /** Attached files, and what they are called. */
  readonly attachments: ReadonlyMap<number, string>;
  /** Streams that were not decoded, and by which filters they are packed. */
  readonly undecoded: ReadonlyMap<number, string>;
};

const OBJECT = /^ {6}"obj:(\d+) \d+ R": \{$/;
const END = /^ {6}\},?$/;
const REFERENCE = /"\/(?:F|UF|DOS|Mac|Unix)": "(\d+) \d+ R"/g;
/** Beyond this an object is a page tree or a table, no attachment's description. */
const OBJECT_CHARACTERS = 1_000_000;

/**
 * Reads the document that `qpdf --json-output=2` writes, object by object, in bounded memory.
 * https://qpdf.readthedocs.io/en/stable/json.html
 */
export async function readDocument(path: string, signal: AbortSignal): Promise<DocumentFacts> {
  const attachments = new Map<number, string>();
  const undecoded = new Map<number, string>();
  let number = 0;
  let object = '';
  for await (const line of createInterface({ input: createReadStream(path, { signal }) })) {
    const begin = OBJECT.exec(line);
    if (begin !== null) [number, object] = [Number(begin[1]), ''];
    else if (END.test(line)) {
      for (const stream of attachedBy(object)) attachments.set(stream, nameIn(object));
      const filter = /"\/Filter": (?:"\/(\w+)"|\[([^\]]*)\])/.exec(object);
      if (object.includes('"datafile":') && filter !== null)
        undecoded.set(number, (filter[1] ?? filter[2] ?? '').replaceAll(/[\s"/]+/g, ' ').trim());
    } else if (object.length < OBJECT_CHARACTERS) object += `${line}\n`;
  }
  return { attachments, undecoded };
}

/** The streams that an object refers to as files, in an `/EF` dictionary or what may be one. */
function attachedBy(object: string): readonly number[] {
  return [...object.matchAll(REFERENCE)].map(([, stream]) => Number(stream));
}

function nameIn(object: string): string {
  return /"\/UF": "u:(.*)"/.exec(object)?.[1] ?? /"\/F": "u:(.*)"/.exec(object)?.[1] ?? 'attached';
}
