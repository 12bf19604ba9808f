import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parsePublicKeys, type PublicKey } from '../../shared/identity/partner/public-key.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { OpsError } from '../ops-error.ts';

/** NIST SP 800-63B-4, 3.1.1.2, for a password as the only factor. */
const MIN_PASSWORD_CHARACTERS = 15;

/** Without characters that look alike. Four groups of five of these 31 are 99 bits. */
const CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

export function generatePassword(): string {
  return [group(), group(), group(), group()].join('-');
}

function group(): string {
  return Array.from({ length: 5 }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}

/**
 * One line from standard input. Not an argument: those are visible to every user of the machine, and
 * kept in the shell's history.
 *
 * @throws OpsError when it is too short
 */
export async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password.length >= MIN_PASSWORD_CHARACTERS && !password.includes('\n')) return password;
  throw new OpsError('the password on standard input was not accepted', {
    why: password.includes('\n')
      ? 'it has more than one line'
      : `it has ${password.length} characters; the minimum is ${MIN_PASSWORD_CHARACTERS}`,
    how: 'choose a longer one, or omit --password-stdin to have one generated',
  });
}

/** @param file of one or more public keys, or `-` for standard input @throws OpsError that names the file */
export async function readPublicKeys(file: string): Promise<readonly PublicKey[]> {
  const parsed = parsePublicKeys(await readText(file));
  if ('keys' in parsed) return parsed.keys;
  throw new OpsError(`${nameOf(file)} ${parsed.problem}`, {
    how: 'give the .pub file that ssh-keygen has made; it has one key on a line',
  });
}

/** @param file `-` for standard input @throws OpsError that names the file */
export async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    throw new OpsError(`${nameOf(file)} cannot be read`, { why: describeError(cause) }, { cause });
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}
