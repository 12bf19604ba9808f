import type { Measured, Results, Row } from './measure.ts';
import type { Server } from './servers.ts';

const MIB = 1024 * 1024;

export function printReport(
  rows: readonly Row[],
  servers: readonly Server[],
  results: Results,
): void {
  for (const row of rows) {
    console.log(
      `\n${row.name} (median of ${[...(results.get(row)?.values() ?? [])][0]?.seconds.length})`,
    );
    const reference = results.get(row)?.get(servers[0]!);
    for (const server of servers) {
      const measured = results.get(row)?.get(server);
      if (measured === undefined || reference === undefined) continue;
      const seconds = median(measured.seconds);
      const rate =
        row.files > 8
          ? `${(row.files / seconds).toFixed(0)} files/s`
          : `${(row.bytes / MIB / seconds).toFixed(0)} MiB/s`;
      const ratio = (median(reference.seconds) / seconds).toFixed(2);
      const each = (measured.peakBytes - measured.idleBytes) / MIB / row.folders.length;
      console.log(
        `  ${server.name.padEnd(20)} ${seconds.toFixed(2).padStart(7)} s ${rate.padStart(14)}` +
          `   x${ratio} of ${servers[0]?.name}   RSS ${mib(measured)} MiB, ${each.toFixed(1)} more per connection` +
          `   CPU ${cpu(measured, 0)} s, S3 stand-in ${cpu(measured, 1)} s`,
      );
    }
  }
}

function cpu({ cpuSeconds }: Measured, which: 0 | 1): string {
  return median(cpuSeconds.map((each) => each[which])).toFixed(1);
}

function mib({ idleBytes, peakBytes }: Measured): string {
  return `${Math.round(idleBytes / MIB)} -> ${Math.round(peakBytes / MIB)}`;
}

function median(values: readonly number[]): number {
  const good = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  return good[Math.floor(good.length / 2)] ?? Number.NaN;
}
