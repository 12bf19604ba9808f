import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Command lines of the processes that this one has started and that still run. */
export async function childProcesses(): Promise<readonly string[]> {
  const lines = await processes();
  return lines
    .filter(({ ppid, command }) => ppid === process.pid && !command.startsWith('ps '))
    .map(({ command }) => command);
}

/** Command lines that name a path, whoever started them. */
export async function processesNaming(path: string): Promise<readonly string[]> {
  return (await processes()).map(({ command }) => command).filter((line) => line.includes(path));
}

/** Process ids of those that a process has started and whose command line has `text` in it. */
export async function childrenOf(parent: number, text: string): Promise<readonly number[]> {
  const lines = await processes();
  return lines
    .filter(({ ppid, command }) => ppid === parent && command.includes(text))
    .map(({ pid }) => pid);
}

async function processes() {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=,command=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, state = '', command = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // A zombie only waits for its parent to look at it.
    return ppid === undefined || state.startsWith('Z')
      ? []
      : [{ pid: Number(pid), ppid: Number(ppid), command }];
  });
}
