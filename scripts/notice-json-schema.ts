import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { Arrival, PinnedObject } from '../shared/model/arrival.ts';
import { type Announced, Notice, type NoticeFacts, noticeOf } from '../shared/notify/notice.ts';

export const NOTICE_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/notice.schema.json', import.meta.url),
);

/** The JSON Schema of a notice, from the definition that the ingest uses. */
export function noticeJsonSchema(): string {
  // isoTimestamp has no exact equivalent in draft 7; the nearest one, `date-time`, is good enough.
  const schema = toJsonSchema(Notice, { errorMode: 'ignore' });
  const examples = exampleNotices();
  return `${JSON.stringify({ title: 'Airlock notice', ...schema, examples }, null, 2)}\n`;
}

const SHA256 = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const ENGINE = 'ClamAV 1.4.6/27500/Sat Nov 21 08:00:00 2026';

const arrivedAt = Date.UTC(2026, 10, 21, 9);
const at = arrivedAt + 1250;

const upload: Arrival = {
  bucket: 'airlock-inbox-bucket',
  key: 'acme/report.csv',
  versionId: '3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY',
  etag: '9b2cf535f27731c974343645a3985328',
  sizeBytes: 12_345,
  arrivedAt,
};

/** Facts about an upload whose partner is known. */
function factsOf(arrival: Arrival, more: Partial<NoticeFacts> = {}): NoticeFacts {
  const { arrivedAt: uploadedAt, ...identity } = arrival;
  const object: PinnedObject = {
    ...identity,
    uploadedAt,
    partner: 'acme',
    metadata: {},
    contentType: undefined,
    tags: {},
  };
  return { arrival, object, messageId: 'm', at, ...more };
}

/**
 * A notice of each outcome, as the ingest makes it, and the two that lack what the others have: a
 * folder's, and that of a message that names no object.
 */
export function exampleNotices(): readonly Notice[] {
  const scanned = { engine: ENGINE, stages: { waitMs: 310, stageMs: 12, scanMs: 5, commitMs: 2 } };
  const folder = { ...upload, key: 'acme/in/', sizeBytes: 0 };
  const examples: readonly (readonly [Announced, NoticeFacts])[] = [
    [{ kind: 'delivered', landingPath: upload.key, sha256: SHA256 }, factsOf(upload, scanned)],
    [
      {
        kind: 'delivered',
        landingPath: 'acme/vault.zip',
        sha256: SHA256,
        unscanned: 'encrypted: Heuristics.Encrypted.Zip',
      },
      factsOf({ ...upload, key: 'acme/vault.zip' }, scanned),
    ],
    [
      { kind: 'delivered', landingPath: 'acme/in/', sha256: undefined },
      { arrival: folder, messageId: 'm', at },
    ],
    [
      {
        kind: 'quarantined',
        signature: 'Win.Test.EICAR_HDB-1',
        member: 'attachments/setup.exe',
        sha256: SHA256,
      },
      factsOf({ ...upload, key: 'acme/invoice.pdf' }, scanned),
    ],
    [
      { kind: 'held', reason: 'encrypted', detail: 'Heuristics.Encrypted.Zip', sha256: SHA256 },
      factsOf({ ...upload, key: 'acme/secret.zip' }, scanned),
    ],
    [
      {
        kind: 'refused',
        code: 'POLICY_REFUSED',
        reason: "the partner's policy refuses files that end in .exe",
      },
      { arrival: { ...upload, key: 'acme/tool.exe' }, messageId: 'm', at },
    ],
    [
      { kind: 'refused', code: 'EVENT_MALFORMED', reason: 'the message body is not JSON' },
      { arrival: undefined, messageId: 'm', at },
    ],
    [{ kind: 'superseded', by: 'newer upload' }, factsOf(upload, scanned)],
    [
      { kind: 'skipped', reason: '".filepart" marks an upload that is still being written' },
      factsOf({ ...upload, key: 'acme/report.csv.filepart' }),
    ],
  ];
  return examples.map(([outcome, facts]) => noticeOf(outcome, facts));
}
