import { type Admission, admit, admitByPolicy } from '../decide/admission.ts';
import { conclude, holdBySize, judgeSize, requireFreshSignatures } from '../decide/verdict.ts';
import type { Arrival, PinnedObject } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import type { PartnerPolicy } from '../model/partner-policy.ts';
import type { Verdict } from '../model/verdict.ts';
import { IngestError } from '../model/ingest-error.ts';
import { isSettled, type Settlement } from '../inbox/ledger-tags.ts';
import { isUniqueVersion } from '../model/upload-id.ts';
import { type Announced, type NoticeFacts, noticeOf } from '../notify/notice.ts';
import { commitInOrder, findReplaced } from './landing-order.ts';
import type { Attempt, Concluded, OpenObject, Ports } from './ports.ts';
import { judgeFile } from './judge-file.ts';
import { quarantine } from './quarantine.ts';

/**
 * The whole journey of one upload: decide -> open -> stage -> inspect -> scan -> commit -> notify
 * -> settle -> look again.
 *
 * An event only says "something was uploaded"; what counts is what the inbox holds now. Each
 * effect may be repeated, and their order lets a redelivery heal a crash between any two: the
 * bytes are safe (landed, or copied to quarantine) before the ending is announced, and it is
 * announced before the inbox records it, so an object that nobody heard of is never taken for
 * settled. Nobody keeps two workers from landing two uploads of a key in the wrong order: so every
 * receive, whatever its ending, at last looks whether the newest delivered upload lies on top.
 *
 * If it does not, that upload is delivered again. This announces nothing: it is known as delivered
 * by its mark, so it was announced. Ten workers that find it covered would announce it ten times.
 */
export async function ingestObject(
  arrival: Arrival,
  attempt: Attempt,
  ports: Ports,
): Promise<Outcome> {
  const admission = admit(arrival, ports.policy);
  if (admission.kind === 'refuse') throw new IngestError(admission.code, admission.reason);

  await using opened = await ports.source.open(arrival, attempt.signal);
  const outcome =
    opened.state === 'open'
      ? await end(arrival, opened, admission, attempt, ports)
      : await announceGone(arrival, attempt, ports);
  if (admission.kind === 'file') {
    const isDelivered = outcome.kind === 'delivered';
    const { landingPath } = admission;
    const replaced = await findReplaced(arrival, isDelivered, landingPath, attempt, ports);
    if (replaced) await ingestObject(replaced, { ...attempt, isRedelivery: true }, ports);
  }
  return outcome;
}

type Admitted = Exclude<Admission, { kind: 'refuse' }>;

/** Gives an upload its ending, once. */
async function end(
  arrival: Arrival,
  opened: OpenObject,
  admission: Admitted,
  attempt: Attempt,
  ports: Ports,
): Promise<Outcome> {
  const { object } = opened;
  if (isSettled(object, object.tags) && !attempt.isRedelivery) return { kind: 'duplicate' };
  const concluded = await examine(opened, admission, attempt, ports);
  const { outcome } = concluded;
  if (!isDeliveredAgain(outcome, attempt)) {
    await announce(outcome, { ...concluded, arrival, object }, attempt, ports);
  }
  await settle(object, concluded, attempt, ports);
  return outcome;
}

/** Not so when new signatures know the file, or it has become unscannable: that is another ending. */
function isDeliveredAgain({ kind }: Outcome, { isRedelivery }: Attempt): boolean {
  return isRedelivery && kind === 'delivered';
}

/**
 * The ending of an upload that is no longer in the inbox. Versions are removed from it only by us,
 * after their ending was announced; without versioning, a deletion looks the same.
 */
async function announceGone(arrival: Arrival, attempt: Attempt, ports: Ports): Promise<Outcome> {
  if (isUniqueVersion(arrival.versionId) || attempt.isRedelivery) return { kind: 'duplicate' };
  const superseded = { kind: 'superseded', by: 'deletion' } as const;
  await announce(superseded, { arrival }, attempt, ports);
  return superseded;
}

/** Announces an ending to all subscribers; a repetition goes to all of them again. */
export async function announce(
  outcome: Announced,
  facts: Pick<NoticeFacts, 'arrival' | 'object' | 'engine' | 'stages'>,
  { messageId, signal }: Pick<Attempt, 'messageId' | 'signal'>,
  { notifiers, now }: Pick<Ports, 'notifiers' | 'now'>,
): Promise<void> {
  const notice = noticeOf(outcome, { ...facts, messageId, at: now() });
  await Promise.all(notifiers.map((notifier) => notifier.announce(notice, signal)));
}

/** From bytes to an ending. Nothing lands before the verdict on exactly the staged bytes. */
async function examine(
  { object, body }: OpenObject,
  admission: Admitted,
  attempt: Attempt,
  ports: Ports,
): Promise<Concluded> {
  if (admission.kind === 'skip') {
    return { outcome: { kind: 'skipped', reason: admission.reason }, engine: undefined };
  }
  const { landingPath } = admission;
  if (admission.kind === 'folder') {
    await ports.landing.makeFolder(landingPath);
    return { outcome: { kind: 'delivered', landingPath, sha256: undefined }, engine: undefined };
  }
  const policy = await policyFor(object, attempt, ports);
  const engine = await ports.scanner.version(attempt.signal);
  const roomBytes = await ports.staging.capacityBytes();
  const tooLarge = holdBySize(object.sizeBytes, policy, roomBytes);
  if (tooLarge) {
    return { outcome: await quarantine(tooLarge, engine, object, attempt, ports), engine };
  }
  const lap = stopwatch(ports.now);
  const waitMs = Math.max(ports.now() - object.uploadedAt, 0);
  await using staged = await ports.staging.stage(body, object.sizeBytes, attempt.signal);
  const stageMs = lap();
  const verdict = await judgeStaged(staged.path, object.sizeBytes, engine, attempt, ports);
  const scanMs = lap();
  const ending = conclude(verdict, { landingPath, sha256: staged.sha256 }, policy);
  const outcome =
    ending.kind === 'delivered'
      ? await commitInOrder(staged, ending, object, attempt, ports)
      : await quarantine(ending, engine, object, attempt, ports);
  return { outcome, engine, stages: { waitMs, stageMs, scanMs, commitMs: lap() } };
}

/**
 * The policy of whoever uploaded the object, where it admits the object.
 *
 * @throws IngestError `POLICY_REFUSED`; never for a redelivery
 */
async function policyFor(
  object: PinnedObject,
  { isRedelivery }: Attempt,
  { partners }: Ports,
): Promise<PartnerPolicy> {
  const policy = await partners.policyOf(object.partner);
  const admission = admitByPolicy(policy, object.key, object.sizeBytes);
  if (admission.kind === 'refuse' && !isRedelivery) {
    throw new IngestError('POLICY_REFUSED', admission.reason);
  }
  return policy;
}

/** The engine is not asked about a file that it does not read at all. */
async function judgeStaged(
  path: string,
  sizeBytes: number,
  engine: string,
  { signal }: Attempt,
  ports: Ports,
): Promise<Verdict> {
  const verdict = judgeSize(sizeBytes) ?? (await judgeFile(path, signal, ports));
  return requireFreshSignatures(verdict, engine, ports.now(), ports.maxSignatureAgeMs);
}

/** Records the ending in the inbox: removes what went to quarantine, and tags everything else. */
async function settle(
  object: PinnedObject,
  { outcome, engine }: Concluded,
  { signal }: Attempt,
  { settler, now }: Ports,
): Promise<void> {
  if (outcome.kind === 'quarantined' || outcome.kind === 'held') {
    await settler.remove(object, signal);
    return;
  }
  const status = statusOf(outcome, engine);
  await settler.mark(object, { status, engine: engine ?? 'none', settledAt: now() }, signal);
}

function statusOf(
  outcome: Exclude<Concluded['outcome'], { kind: 'quarantined' | 'held' }>,
  engine: string | undefined,
): Settlement['status'] {
  if (outcome.kind !== 'delivered') return outcome.kind;
  if (outcome.unscanned !== undefined) return 'unscanned';
  return engine === undefined ? 'none' : 'clean';
}

/** Each call returns the milliseconds since the one before. */
function stopwatch(now: () => number): () => number {
  let lastAt = now();
  return () => {
    const startedAt = lastAt;
    lastAt = now();
    return Math.max(lastAt - startedAt, 0);
  };
}
