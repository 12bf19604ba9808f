import { availableParallelism } from 'node:os';

export type ClamdPaths = {
  readonly socket: string;
  readonly signatures: string;
  /** Private, and emptied at each start: a killed clamd leaves its unpacked files here. */
  readonly temporaryDirectory: string;
  readonly log: string;
};

/** ClamAV 1.4's largest file and largest limit: 2 GiB less 3 bytes. */
const LARGEST = 2_147_483_645;

/**
 * clamd.conf for the strictest `OK`: exceeded limits and encryption are reported instead of
 * skipped, and limits that skip content without a report (HTML over 40 MB is one) are raised to the
 * engine's maximum.
 * https://docs.clamav.net/manual/Usage/Configuration.html
 *
 * @param maxScanTimeMs must be below the ingest function's timeout
 */
export function clamdConfiguration(paths: ClamdPaths, maxScanTimeMs: number): string {
  const lines = {
    Foreground: 'yes',
    LocalSocket: paths.socket,
    LocalSocketMode: '600',
    FixStaleSocket: 'yes',
    DatabaseDirectory: paths.signatures,
    TemporaryDirectory: paths.temporaryDirectory,
    LogFile: paths.log,
    LogFileMaxSize: '16M',
    LogRotate: 'yes',
    LogTime: 'yes',
    MaxThreads: Math.max(availableParallelism(), 2),
    MaxQueue: 200,
    // A newer database is loaded by a second clamd, which then takes over.
    SelfCheck: 0,
    ConcurrentDatabaseReload: 'no',
    ExitOnOOM: 'yes',
    AllowAllMatchScan: 'no',
    AlertExceedsMax: 'yes',
    AlertEncrypted: 'yes',
    // Text that begins with "MZ", a test vector, a boot loader: broken says nothing of harm.
    AlertBrokenExecutables: 'no',
    MaxScanTime: maxScanTimeMs,
    MaxScanSize: '4300M',
    MaxFileSize: LARGEST,
    StreamMaxLength: LARGEST,
    // Sixteen nested archives, and the file itself.
    MaxRecursion: 17,
    MaxFiles: 10_000,
    MaxEmbeddedPE: LARGEST,
    MaxHTMLNormalize: LARGEST,
    MaxHTMLNoTags: LARGEST,
    MaxScriptNormalize: LARGEST,
    MaxZipTypeRcg: LARGEST,
    PCREMaxFileSize: LARGEST,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}
