import { join } from 'node:path';
import type { Finding } from '../model/verdict.ts';
import { exceeded } from './opening-budget.ts';
import type { Opener } from './opener.ts';
import { type DocumentFacts, readDocument } from './qpdf-document.ts';
import { collect } from './sandbox/collect.ts';
import { type Ran, run } from './sandbox/run.ts';
import { openIn } from './sandbox/workshop.ts';

/** The command's manual: exit codes 0, 2 for errors and 3 for warnings. */
const WARNED = 3;

/**
 * Takes every stream out of a PDF: attachments, scripts, pictures, pages. All of them, because the
 * engine passes over any stream whose dictionary has a `/CheckSum`.
 */
export function qpdfOpener(): Opener {
  return {
    open: async (path, _container, _listed, budget, signal) =>
      await openIn(async (workshop) => {
        const document = join(workshop.path, 'document.json');
        const command = ['qpdf', '--json-output=2', ...STREAMS, path, document] as const;
        const ran = await run(command, workshop, budget, signal);
        const unread = judgeExit(ran);
        const facts = unread === undefined ? await readDocument(document, signal) : undefined;
        const taken = await collect(workshop, budget);
        return {
          members: taken.members.map(({ name, path: stream }) => ({
            name: nameOf(name, facts),
            path: stream,
          })),
          unread: taken.unread ?? unread ?? undecoded(facts),
        };
      }),
  };
}

/** Each stream decoded into a file of its own; pictures as they are. */
const STREAMS = [
  '--json-stream-data=file',
  '--json-stream-prefix=stream',
  '--decode-level=specialized',
  // An empty password opens what is only protected against printing.
  '--password=',
];

function judgeExit({ exitCode, killedFor, said }: Ran): Finding | undefined {
  if (killedFor === 'time' || killedFor === 'size')
    return exceeded(`a PDF takes too much ${killedFor}`);
  if (killedFor !== undefined)
    return { reason: 'archive-structure', detail: `qpdf was killed by ${killedFor}` };
  if (exitCode === 0) return undefined;
  if (/invalid password/.test(said)) return { reason: 'encrypted', detail: 'an encrypted PDF' };
  const what = exitCode === WARNED ? 'a PDF that is damaged' : 'a PDF that cannot be read';
  return { reason: 'archive-structure', detail: `${what}: ${firstReason(said)}` };
}

/** What qpdf says, without the path. */
function firstReason(said: string): string {
  const line = said.split('\n').find((it) => it.trim() !== '') ?? 'no reason given';
  return line.replace(/^.*?\/[^:]*: ?/, '').slice(0, 200);
}

/** A reader shows no picture that is attached as a file: it hands out what the filter makes of it. */
function undecoded(facts: DocumentFacts | undefined): Finding | undefined {
  for (const [stream, name] of facts?.attachments ?? []) {
    const filter = facts?.undecoded.get(stream);
    if (filter === undefined) continue;
    return { reason: 'archive-method', detail: `attachment "${name}" is packed with ${filter}` };
  }
  return undefined;
}

/** qpdf names them `stream-12`, by the number of the object. */
function nameOf(file: string, facts: DocumentFacts | undefined): string {
  const number = Number(file.slice(file.lastIndexOf('-') + 1));
  return facts?.attachments.get(number) ?? `stream ${number}`;
}
