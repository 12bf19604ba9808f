import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { EFFECTIVE } from './change.ts';
import { readDocument, shownDocument } from './document-text.ts';
import { reasonOf } from './options.ts';
import { rewrite } from './rewrite.ts';

/**
 * `partner edit`: the document in an editor. If it cannot be written, what was typed is kept, and the operator is
 * told where.
 */
export async function editPartner(name: string, raw: unknown, command: Command): Promise<void> {
  const reason = reasonOf(raw);
  const directory = await mkdtemp(join(tmpdir(), 'airlock-edit-'));
  const file = join(directory, `${name.replaceAll(/[^\w.-]/g, '_')}.json`);
  let isEdited = false;
  let isDone = false;
  try {
    await rewrite(name, command, {
      command: 'partner edit',
      reason,
      alter: async (partner) => {
        const before = textOf(partner);
        await writeFile(file, before, { mode: 0o600 });
        await runEditor(file);
        const after = await readFile(file, 'utf8');
        if (after === before) return undefined;
        isEdited = true;
        return readDocument(after, partner);
      },
      message: `${name} was changed; ${EFFECTIVE}`,
      checksAll: true,
    });
    isDone = true;
  } finally {
    if (isDone || !isEdited) await rm(directory, { recursive: true });
    else {
      console.error(
        `Your text is kept in ${file}: correct it, then \`partner change ${name} --document ${file}\``,
      );
    }
  }
}

function textOf(partner: Partner): string {
  return `${JSON.stringify(shownDocument(partner), null, 2)}\n`;
}

/** @throws OpsError when it cannot be started, or fails */
async function runEditor(file: string): Promise<void> {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  // The variable may hold arguments, as in `code --wait`; the shell splits them, as git does it.
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'editor', file], { stdio: 'inherit' });
  const failed = (why: string): OpsError =>
    new OpsError(`the editor "${editor}" failed; nothing was changed`, {
      why,
      how: 'set EDITOR, or use `partner show NAME --json` and `partner change NAME --document FILE`',
      exitCode: EXIT.failed,
    });
  try {
    await once(child, 'close');
  } catch (cause) {
    throw failed(describeError(cause));
  }
  if (child.exitCode !== 0) throw failed(`its exit code is ${child.exitCode ?? child.signalCode}`);
}
