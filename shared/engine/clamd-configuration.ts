import { availableParallelism } from 'node:os';

export type ClamdPaths = {
  readonly socket: string;
  readonly signatures: string;
  /** Private and wiped at each start: clamd leaves what it unpacked there when it is killed. */
  readonly temporaryDirectory: string;
  readonly log: string;
};

/** The largest file and the largest limit ClamAV 1.4 knows: 2 GiB less 3 bytes. */
const LARGEST = 2_147_483_645;

/**
 * clamd.conf for a scanner whose `OK` means as much as it can: whatever exceeds a limit or is
 * encrypted is reported instead of passed over, and limits that skip content in silence (HTML
 * over 40 MB is one) are raised to the engine's ceiling.
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
    // A newer database gets a clamd of its own, which takes over when it has loaded it.
    SelfCheck: 0,
    ConcurrentDatabaseReload: 'no',
    ExitOnOOM: 'yes',
    AllowAllMatchScan: 'no',
    AlertExceedsMax: 'yes',
    AlertEncrypted: 'yes',
    AlertBrokenExecutables: 'yes',
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
