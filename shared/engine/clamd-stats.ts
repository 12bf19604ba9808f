import { exchange, END } from '../scan/clamd/connection.ts';

/**
 * How long each running scan has taken so far.
 * https://docs.clamav.net/manual/Usage/Scanning.html#clamd
 *
 * @throws IngestError as `Scanner.scan`
 */
export async function runningScansMs(
  socketPath: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const stats = await exchange(socketPath, signal, ({ write }) => write(`zSTATS${END}`));
  return [...stats.matchAll(/^\t\w*SCAN\w* ([\d.]+)/gm)].map(
    ([, seconds]) => Number(seconds) * 1000,
  );
}
