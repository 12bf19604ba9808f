import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../../shared/platform/start-error.ts';

/** Which database clamd scans with. */
export type Signatures = {
  /** `test`: EICAR and this project's test signatures only. */
  readonly source: 'system' | 'test' | 'given';
  readonly directory: string;
  /** Of the newest official file, ISO 8601; `null` when there is none. */
  readonly builtAt: string | null;
};

const TEST_DIRECTORY = fileURLToPath(new URL('signatures', import.meta.url));

/** Debian and most others; Homebrew on ARM and on Intel. */
const SYSTEM_DIRECTORIES = [
  '/var/lib/clamav',
  '/opt/homebrew/var/lib/clamav',
  '/usr/local/var/lib/clamav',
];

const OFFICIAL = /^(main|daily)\.c[vl]d$/;
const ANY_DATABASE = /\.(c[vl]d|[hmns][ds][bu]|ndb|ldb|yara|yar)$/;

/**
 * Chooses the database: the one given, else the system's official one, else the test signatures.
 *
 * @param wanted a directory, or `test`
 * @throws StartError when the given directory contains no database
 */
export async function chooseSignatures(wanted: string | undefined): Promise<Signatures> {
  if (wanted === 'test') return testSignatures();
  if (wanted !== undefined) {
    const names = await namesIn(wanted);
    if (!names.some((name) => ANY_DATABASE.test(name))) {
      throw new StartError(`There is no ClamAV signature database in ${wanted}.`);
    }
    return { source: 'given', directory: wanted, builtAt: await newestBuild(wanted, names) };
  }
  for (const directory of SYSTEM_DIRECTORIES) {
    const names = await namesIn(directory);
    if (names.some((name) => OFFICIAL.test(name))) {
      return { source: 'system', directory, builtAt: await newestBuild(directory, names) };
    }
  }
  return testSignatures();
}

function testSignatures(): Signatures {
  return { source: 'test', directory: TEST_DIRECTORY, builtAt: null };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(() => []);
}

async function newestBuild(directory: string, names: readonly string[]): Promise<string | null> {
  const official = names.filter((name) => OFFICIAL.test(name));
  const builds = await Promise.all(official.map((name) => buildTime(join(directory, name))));
  const newest = Math.max(...builds.filter((time) => Number.isFinite(time)));
  return Number.isFinite(newest) ? new Date(newest).toISOString() : null;
}

/** A database file starts with `ClamAV-VDB:21 Nov 2026 09-30 +0000:version:...` (512 bytes). */
async function buildTime(path: string): Promise<number> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  const [, built = ''] = buffer.toString('latin1', 0, bytesRead).split(':');
  return Date.parse(built.replace(/(\d\d)-(\d\d)/, '$1:$2'));
}
