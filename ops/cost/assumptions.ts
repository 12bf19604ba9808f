/**
 * The assumptions of an estimate, besides the workload. Counts of resources are the template's, which
 * a test checks; times are like those of bench/ingest.ts, on the slow side.
 */
export const ASSUMED = {
  /** Averaged over a year. */
  hoursPerMonth: 730,
  zones: 2,
  interfaceEndpoints: 3,
  /** Metrics that alarms use; an alarm on a quotient uses two. */
  alarmMetrics: 21,
  /** Custom metrics: eight for delivered files, fewer for other outcomes, and those of the other functions. */
  metrics: 30,
  inboxKeepDays: 30,
  daysPerMonth: 365 / 12,

  ingest: {
    memoryGb: 4,
    tmpGb: 10,
    /** Without staging and scanning. */
    secondsPerFile: 0.3,
    /** Staging and scanning, one after the other, on about two vCPUs. */
    bytesPerSecond: 40e6,
    /** Each loads clamd; a few times an hour with uploads all day. */
    coldStartsPerMonth: 2000,
    secondsPerColdStart: 25,
    filesPerInvocation: 4,
  },
  refresh: { memoryGb: 4, runsPerMonth: 182, secondsPerRun: 90 },
  sweep: { memoryGb: 0.5, runsPerMonth: 2920, secondsPerRun: 5 },

  /** Upload, tags, listing the key's versions; parts are counted separately. */
  s3WritesPerFile: 4,
  s3ReadsPerFile: 5,
  /** Larger uploads are multipart, with parts of this size. */
  partBytes: 8e6,
  tagsPerFile: 4,
  /** Send, receive and delete; fewer with batches. */
  sqsRequestsPerFile: 3,
  /** Lambda keeps five long polls of 20 seconds open, even on an empty queue. */
  sqsPollsPerMonth: 657_000,
  kmsRequestsPerFile: 1,
  logBytesPerFile: 6_000,
  eventBytes: 1_500,
  endpointBytesPerFile: 8_000,
} as const;
