import { assertNever } from '../../platform/assert-never.ts';
import { Budget, Found } from './budget.ts';
import { type Bytes, openBytes, pieces } from './bytes.ts';
import { inspectBzip2 } from './bzip2.ts';
import { checkEmbedded } from './embedded.ts';
import { type Format, formatOf, HEAD_BYTES } from './format.ts';
import { inspectGzip } from './gzip.ts';
import { inspectMail } from './mail.ts';
import { inspectOle2 } from './ole2.ts';
import { inspectPdf } from './pdf.ts';
import { checkScript } from './script.ts';
import { inspectTar } from './tar.ts';
import { inspectXz } from './xz.ts';
import { readZipEnd } from './zip-end.ts';
import { inspectZip } from './zip.ts';
import type { Inspector } from '../inspector.ts';

/**
 * Opens zip, gzip and tar, and all of them in each other, as deep as the budget goes; knows other
 * archives by their first bytes, and looks for them in documents, mails and programs.
 */
export function archiveInspector(): Inspector {
  return {
    async inspect(path, signal) {
      await using file = await openBytes(path);
      try {
        const budget = new Budget(file.sizeBytes, signal);
        await look(file, 0, budget);
        await checkScript(file, budget);
        return undefined;
      } catch (error) {
        if (error instanceof Found) return error.finding;
        throw error;
      }
    },
  };
}

/** Five bytes do nothing; the engine does not scan them. */
const HARMLESS_BYTES = 5;

async function look(bytes: Bytes, level: number, budget: Budget): Promise<void> {
  budget.checkTime();
  if (bytes.sizeBytes <= HARMLESS_BYTES) return;
  const format = formatOf(await bytes.read(0, HEAD_BYTES));
  await checkDiskImage(bytes);
  const inside = (member: Bytes): Promise<void> => look(member, level + 1, budget);
  if (isArchive(format)) budget.takeLevel(level + 1);
  const end = await readZipEnd(bytes);
  if (end !== undefined) {
    checkFront(format, end.entries);
    if (format?.kind === 'zip' || end.entries > 0) await inspectZip(bytes, end, budget, inside);
  }
  await lookAs(format, bytes, end !== undefined, budget, inside);
}

function isArchive(format: Format | undefined): boolean {
  return format !== undefined && !['ole2', 'pdf', 'mail', 'program'].includes(format.kind);
}

async function lookAs(
  format: Format | undefined,
  bytes: Bytes,
  isZip: boolean,
  budget: Budget,
  inside: (member: Bytes) => Promise<void>,
): Promise<void> {
  switch (format?.kind) {
    case undefined:
      return;
    case 'held':
      throw new Found('unsupported-format', format.name);
    case 'zip':
      if (isZip) return;
      throw new Found('archive-structure', 'a zip that does not end with its directory');
    case 'program':
      return await inspectProgram(bytes, budget);
    case 'gzip':
      return await inspectGzip(bytes, budget, inside);
    case 'tar':
      return await inspectTar(bytes, budget, inside);
    case 'ole2':
      return await inspectOle2(bytes, budget);
    case 'pdf':
      return await inspectPdf(bytes, budget);
    case 'mail':
      return await inspectMail(bytes, budget);
    case 'xz':
      return await inspectXz(bytes);
    case 'bzip2':
      return await inspectBzip2(bytes, budget);
    default:
      return assertNever(format);
  }
}

/** The engine opens a zip behind other things, but not behind everything. */
function checkFront(format: Format | undefined, entries: number): void {
  if (format?.kind === 'zip' || format?.kind === 'program' || entries === 0) return;
  throw new Found('archive-structure', 'a zip behind something that is no program');
}

async function checkDiskImage(bytes: Bytes): Promise<void> {
  if (bytes.sizeBytes < 512) return;
  const trailer = await bytes.read(bytes.sizeBytes - 512, 4);
  if (trailer.toString('latin1') === 'koly') throw new Found('unsupported-format', 'a disk image');
}

async function inspectProgram(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, 30)) {
    budget.checkTime();
    checkEmbedded(piece, 'a program');
  }
}
