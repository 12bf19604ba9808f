import { judge } from '../decide/verdict.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Ports } from './ports.ts';

/**
 * Inspects a staged file, then scans it. In this order because the engine takes minutes over some
 * archives, heeding none of its own limits, and nothing but its end stops it.
 */
export async function verdictOn(
  path: string,
  signal: AbortSignal,
  ports: Pick<Ports, 'inspector' | 'scanner'>,
): Promise<Verdict> {
  const finding = await ports.inspector.inspect(path, signal);
  const asksEngine = finding?.askEngine ?? true;
  return judge(asksEngine ? await ports.scanner.scan(path, signal) : undefined, finding);
}
