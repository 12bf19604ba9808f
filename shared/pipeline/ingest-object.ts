import { type Admission, admit } from '../decide/admission.ts';
import { heedAge } from '../decide/signature-age.ts';
import { conclude, judgeSize } from '../decide/verdict.ts';
import type { Arrival } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import { IngestError } from '../model/ingest-error.ts';
import { isSettled } from '../inbox/ledger-tags.ts';
import { announce, announceGone } from './announce.ts';
import { commit } from './commit.ts';
import { hiddenUnderAnOlder } from './landing-order.ts';
import { keepAway } from './quarantine.ts';
import { policyFor } from './partner-policy.ts';
import type { Attempt, Concluded, OpenObject, Ports } from './ports.ts';
import { settle } from './settle.ts';
import { stopwatch } from './stopwatch.ts';
import { verdictOn } from './verdict-on.ts';

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
    const hidden = await hiddenUnderAnOlder(arrival, isDelivered, landingPath, attempt, ports);
    if (hidden) await ingestObject(hidden, { ...attempt, relanding: true }, ports);
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
  if (isSettled(object, object.tags) && !attempt.relanding) return { kind: 'duplicate' };
  const concluded = await examine(opened, admission, attempt, ports);
  await announce(concluded.outcome, { ...concluded, arrival, object }, attempt, ports);
  await settle(object, concluded, attempt, ports);
  return concluded.outcome;
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
    const outcome = { kind: 'delivered', landingPath, sha256: undefined } as const;
    return { outcome, engine: undefined };
  }
  const policy = await policyFor(object, attempt, ports);
  const engine = await ports.scanner.version(attempt.signal);
  const oversize = judgeSize(object.sizeBytes);
  const unread = oversize && conclude(oversize, { landingPath, sha256: undefined }, policy);
  if (unread !== undefined && unread.kind !== 'delivered') {
    return { outcome: await keepAway(unread, engine, object, attempt, ports), engine };
  }
  const lap = stopwatch(ports.now);
  const waitMs = Math.max(ports.now() - object.uploadedAt, 0);
  await using staged = await ports.staging.stage(body, object.sizeBytes, attempt.signal);
  const stageMs = lap();
  const found = oversize ?? (await verdictOn(staged.path, attempt.signal, ports));
  const verdict = heedAge(found, engine, ports.now(), ports.maxSignatureAgeMs);
  const scanMs = lap();
  const ending = conclude(verdict, { landingPath, sha256: staged.sha256 }, policy);
  const outcome =
    ending.kind === 'delivered'
      ? await commit(staged.path, ending, object, attempt, ports)
      : await keepAway(ending, engine, object, attempt, ports);
  return { outcome, engine, stages: { waitMs, stageMs, scanMs, commitMs: lap() } };
}
