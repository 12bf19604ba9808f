import { assertNever } from '../../platform/assert-never.ts';
import { Budget, UnscannableError } from './budget.ts';
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
 * Opens zip, gzip and tar, also nested in each other, as deep as the budget allows; recognizes other
 * archives by their first bytes, also inside documents, mails and programs.
 */
export function archiveInspector(): Inspector {
  return {
    async inspect(path, signal) {
      await using file = await openBytes(path);
      try {
        const budget = new Budget(file.sizeBytes, signal);
        await inspectBytes(file, 0, budget);
        await checkScript(file, budget);
        return undefined;
      } catch (error) {
        if (error instanceof UnscannableError) return error.finding;
        throw error;
      }
    },
  };
}

/** Too few to do harm; the engine does not scan so short files. */
const HARMLESS_BYTES = 5;

async function inspectBytes(bytes: Bytes, level: number, budget: Budget): Promise<void> {
  budget.checkTime();
  if (bytes.sizeBytes <= HARMLESS_BYTES) return;
  const format = formatOf(await bytes.read(0, HEAD_BYTES));
  await checkDiskImage(bytes);
  const inspectMember = (member: Bytes): Promise<void> => inspectBytes(member, level + 1, budget);
  if (isArchive(format)) budget.takeLevel(level + 1);
  const end = await readZipEnd(bytes);
  if (end !== undefined) {
    checkPrefix(format, end.entries);
    if (format?.kind === 'zip' || end.entries > 0)
      await inspectZip(bytes, end, budget, inspectMember);
  }
  await inspectAs(format, bytes, end !== undefined, budget, inspectMember);
}

function isArchive(format: Format | undefined): boolean {
  return format !== undefined && !['ole2', 'pdf', 'mail', 'program'].includes(format.kind);
}

async function inspectAs(
  format: Format | undefined,
  bytes: Bytes,
  isZip: boolean,
  budget: Budget,
  inspectMember: (member: Bytes) => Promise<void>,
): Promise<void> {
  switch (format?.kind) {
    case undefined:
      return;
    case 'unsupported':
      throw new UnscannableError('unsupported-format', format.name);
    case 'zip':
      if (isZip) return;
      throw new UnscannableError('archive-structure', 'a zip that does not end with its directory');
    case 'program':
      return await inspectProgram(bytes, budget);
    case 'gzip':
      return await inspectGzip(bytes, budget, inspectMember);
    case 'tar':
      return await inspectTar(bytes, budget, inspectMember);
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

/** The engine finds a zip behind some kinds of content only. */
function checkPrefix(format: Format | undefined, entries: number): void {
  if (format?.kind === 'zip' || format?.kind === 'program' || entries === 0) return;
  throw new UnscannableError('archive-structure', 'a zip after something that is not a program');
}

async function checkDiskImage(bytes: Bytes): Promise<void> {
  if (bytes.sizeBytes < 512) return;
  const trailer = await bytes.read(bytes.sizeBytes - 512, 4);
  if (trailer.toString('latin1') === 'koly')
    throw new UnscannableError('unsupported-format', 'a disk image');
}

async function inspectProgram(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, 30)) {
    budget.checkTime();
    checkEmbedded(piece, 'a program');
  }
}
