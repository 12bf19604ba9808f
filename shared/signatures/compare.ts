import { type DatabaseFile, isCustom } from './published.ts';

/** Whether two databases consist of the same files, by SHA-256. */
export function isSame(a: readonly DatabaseFile[], b: readonly DatabaseFile[]): boolean {
  return digest(a) === digest(b);
}

function digest(files: readonly DatabaseFile[]): string {
  return files
    .map(({ name, sha256 }) => `${name} ${sha256}`)
    .toSorted()
    .join('\n');
}

/**
 * Why a database must not replace the published one: a part of ClamAV's own is missing, or older
 * than the one in force. An outdated mirror is a harmless cause of both.
 */
export function findDowngrade(
  candidate: readonly DatabaseFile[],
  published: readonly DatabaseFile[],
): string | undefined {
  const found = numbersByPart(candidate);
  for (const [part, number] of numbersByPart(published)) {
    const now = found.get(part);
    if (now === undefined) return `${part} is missing; version ${number} of it is in force`;
    if (now < number) return `${part} is version ${now}; version ${number} of it is in force`;
  }
  return undefined;
}

/** Build time of the newest daily signatures, ISO 8601. */
export function builtAtOf(files: readonly DatabaseFile[]): string | null {
  const daily = files.filter(({ name }) => partOf(name) === 'daily');
  return (
    daily
      .map(({ header }) => header?.builtAt ?? '')
      .toSorted()
      .at(-1) || null
  );
}

/** By part, since freshclam turns `daily.cvd` into `daily.cld` when it updates it in place. */
function numbersByPart(files: readonly DatabaseFile[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const file of files) {
    if (file.header === null || isCustom(file)) continue;
    const part = partOf(file.name);
    found.set(part, Math.max(file.header.number, found.get(part) ?? 0));
  }
  return found;
}

function partOf(name: string): string {
  return name.replace(/\.[^.]*$/, '');
}
