/**
 * What an estimate takes for granted besides the workload. Counts of resources are the template's, which
 * a test compares; times are of the kind that bench/ingest.ts prints, on the slow side.
 */
export const ASSUMED = {
  /** Averaged over a year. */
  hoursPerMonth: 730,
  zones: 2,
  interfaceEndpoints: 3,
  /** Metrics that alarms watch; an alarm on a quotient watches two. */
  alarmMetrics: 21,
  /** Ours: eight for files that were delivered, fewer for other outcomes, and those of the other functions. */
  metrics: 30,
  inboxKeepDays: 30,
  daysPerMonth: 365 / 12,

  ingest: {
    memoryGb: 4,
    tmpGb: 10,
    /** Opening, announcing, settling. */
    secondsPerFile: 0.3,
    /** Staging and scanning, one after the other, on about two vCPUs. */
    bytesPerSecond: 40e6,
    /** What clamd takes to load, a few times an hour when uploads come all day long. */
    coldStartsPerMonth: 2000,
    secondsPerColdStart: 25,
    filesPerInvocation: 4,
  },
  refresh: { memoryGb: 4, runsPerMonth: 182, secondsPerRun: 90 },
  sweep: { memoryGb: 0.5, runsPerMonth: 2920, secondsPerRun: 5 },

  /** Upload (parts are requests, too), tags, the history of the key. */
  s3WritesPerFile: 4,
  s3ReadsPerFile: 5,
  /** Uploads larger than this come in parts of this size. */
  partBytes: 8e6,
  tagsPerFile: 4,
  /** Send, receive and delete; batches make it fewer. */
  sqsRequestsPerFile: 3,
  /** Lambda polls with five long polls of 20 seconds, whether there is anything or not. */
  sqsPollsPerMonth: 657_000,
  kmsRequestsPerFile: 1,
  logBytesPerFile: 6_000,
  eventBytes: 1_500,
  endpointBytesPerFile: 8_000,
} as const;
