import { Command, CommanderError } from 'commander';
import { vi } from 'vitest';
import { register } from '../../ops/partner.ts';
import { EXIT, formatReport, OpsError, reportOf } from '../../ops/ops-error.ts';
import { describeError } from '../../shared/platform/errors.ts';
import type { OpsRun } from './installation.ts';

/**
 * Runs `ops partner ...` in this process, with the exit codes of ops/main.ts: for tables of hundreds of commands,
 * which would take minutes as processes. Standard input cannot be given.
 */
export async function runPartnerCommand(home: string, words: readonly string[]): Promise<OpsRun> {
  let stdout = '';
  let stderr = '';
  const write = (text: string): void => void (stderr += text);
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text) => void (stdout += `${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text) => void (stderr += `${text}\n`)),
  ];
  const program = new Command('ops')
    .option('--home <directory>')
    .option('--stack <name>')
    .option('--json')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  register(program.command('partner'));
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await program.parseAsync(['--home', home, 'partner', ...words], { from: 'user' });
  } catch (error) {
    process.exitCode = EXIT.failed;
    if (error instanceof CommanderError) process.exitCode = EXIT.usage;
    else if (error instanceof OpsError) {
      process.exitCode = error.exitCode;
      stderr += `${formatReport(reportOf(error.message, error.exitCode, error.explanation))}\n`;
    } else stderr += `ops: ${describeError(error)}\n`;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const code = process.exitCode;
  process.exitCode = before;
  return { code, stdout, stderr };
}
