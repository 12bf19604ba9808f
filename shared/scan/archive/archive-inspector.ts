import type { Container } from '../../model/container.ts';
import type { Inspection } from '../../model/verdict.ts';
import { assertNever } from '../../platform/assert-never.ts';
import type { Inspector } from '../inspector.ts';
import { Budget, UnscannableError } from './budget.ts';
import { type Bytes, openBytes, part } from './bytes.ts';
import { findLateArchive } from './embedded.ts';
import { type Format, formatOf, HEAD_BYTES, isPlausibleLzma } from './format.ts';
import { inspectGzip } from './gzip.ts';
import { checkOle2 } from './ole2.ts';
import { hasObjects } from './pdf.ts';
import { checkScript } from './script.ts';
import { inspectTar } from './tar.ts';
import { isText } from './text.ts';
import { readZipEnd } from './zip-end.ts';
import { inspectZip } from './zip.ts';

/**
 * Looks at a file, and decides whether the engine's OK covers it. Recognizes formats by their first
 * bytes; reads zip, gzip and tar strictly, also nested in each other, since the engine reads those by
 * itself where they are regular. Everything else that holds files is to be opened.
 */
export function archiveInspector(): Inspector {
  return {
    async inspect(path, signal) {
      await using file = await openBytes(path);
      const head = await file.read(0, HEAD_BYTES);
      if (isText(head, file.sizeBytes)) return undefined;
      const budget = new Budget(file.sizeBytes, signal);
      try {
        const inspection = await inspectBytes(file, 0, budget);
        await checkScript(file, budget);
        return inspection;
      } catch (error) {
        if (error instanceof UnscannableError) return error.inspection;
        throw error;
      }
    },
  };
}

/** Too few to do harm; the engine does not scan so short files. */
const HARMLESS_BYTES = 5;

/** @returns how the file is to be opened; `undefined`: the engine reads all of it */
async function inspectBytes(
  bytes: Bytes,
  level: number,
  budget: Budget,
): Promise<Inspection | undefined> {
  budget.checkTime();
  if (bytes.sizeBytes <= HARMLESS_BYTES) return undefined;
  const format = await formatOfBytes(bytes);
  const end = await readZipEnd(bytes);
  if (end !== undefined) checkPrefix(format, end.entries);
  const isZip = end !== undefined && (format?.kind === 'zip' || end.entries > 0);
  if (format?.kind === 'zip' && !isZip)
    throw new UnscannableError('archive-structure', 'a zip that does not end with its directory');
  const inspectMember = async (member: Bytes): Promise<boolean> =>
    (await inspectBytes(member, level + 1, budget)) !== undefined;
  if (isZip) {
    budget.takeLevel(level + 1);
    const { isBlind, listed, startsAt } = await inspectZip(bytes, end, budget, inspectMember);
    if ((await findLateArchive(part(bytes, 0, startsAt), true, budget)) !== undefined)
      throw new UnscannableError('archive-structure', 'an archive before a zip');
    return isBlind ? { kind: 'open', container: 'zip', listed } : undefined;
  }
  return await inspectAs(format, bytes, level, budget, inspectMember);
}

async function inspectAs(
  format: Format | undefined,
  bytes: Bytes,
  level: number,
  budget: Budget,
  inspectMember: (member: Bytes) => Promise<boolean>,
): Promise<Inspection | undefined> {
  switch (format?.kind) {
    case undefined:
    case 'program':
    case 'zip':
      return open(await findLateArchive(bytes, format?.kind === 'program', budget));
    case 'encrypted':
      throw new UnscannableError('encrypted', format.name);
    case 'unsupported':
      throw new UnscannableError('unsupported-format', format.name);
    case 'container':
      if (format.container === 'compound') await checkOle2(bytes, budget);
      return open(format.container);
    case 'gzip':
      budget.takeLevel(level + 1);
      return (await inspectGzip(bytes, budget, inspectMember)) ? open('gzip') : undefined;
    case 'tar': {
      budget.takeLevel(level + 1);
      const { isBlind, listed } = await inspectTar(bytes, budget, inspectMember);
      return isBlind ? { kind: 'open', container: 'tar', listed } : undefined;
    }
    default:
      return assertNever(format);
  }
}

function open(container: Container): Inspection;
function open(container: Container | undefined): Inspection | undefined;
function open(container: Container | undefined): Inspection | undefined {
  return container === undefined ? undefined : { kind: 'open', container };
}

/** By its first bytes, or by its last 512: some disk images have their header there. */
async function formatOfBytes(bytes: Bytes): Promise<Format | undefined> {
  const head = await bytes.read(0, HEAD_BYTES);
  const format = formatOf(head);
  const trailer = bytes.sizeBytes < 512 ? '' : await lastBlock(bytes);
  if (trailer.startsWith('koly\0\0\0\x04')) return { kind: 'container', container: 'dmg' };
  if (trailer.startsWith('conectix\0\0')) return { kind: 'container', container: 'vhd' };
  if (format?.kind !== 'container') return format;
  const isBelieved =
    format.container === 'lzma'
      ? isPlausibleLzma(head, bytes.sizeBytes)
      : format.container !== 'pdf' || (await hasObjects(bytes));
  if (isBelieved) return format;
  // A PDF by its mark alone may still be a program, or a mail about PDFs.
  return format.container === 'pdf' ? formatOf(withoutPdfMark(head)) : undefined;
}

function withoutPdfMark(head: Buffer): Buffer {
  const text = head.toString('latin1', 0, 1024).replaceAll('%PDF-', '     ');
  return Buffer.concat([Buffer.from(text, 'latin1'), head.subarray(1024)]);
}

async function lastBlock(bytes: Bytes): Promise<string> {
  return (await bytes.read(bytes.sizeBytes - 512, 10)).toString('latin1');
}

/** The engine finds a zip behind some kinds of content only. */
function checkPrefix(format: Format | undefined, entries: number): void {
  if (format?.kind === 'zip' || format?.kind === 'program' || entries === 0) return;
  throw new UnscannableError('archive-structure', 'a zip after something that is not a program');
}
