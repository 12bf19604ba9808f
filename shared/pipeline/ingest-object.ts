import { admit } from '../decide/admission.ts';
import { conclude, judge, judgeSize } from '../decide/verdict.ts';
import type { Arrival } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import { IngestError } from '../platform/errors.ts';
import { isSettled } from '../settle/tags.ts';
import { announce } from './announce.ts';
import { keepAway } from './keep-away.ts';
import type { Attempt, Concluded, OpenObject, Ports } from './ports.ts';
import { settle } from './settle.ts';

/**
 * The whole journey of one arrival: decide -> open -> stage -> scan -> commit -> notify -> settle.
 *
 * An event only says "this key changed"; what counts is what the inbox holds now. Each effect may
 * be repeated, and their order lets a redelivery heal a crash between any two: the bytes are safe
 * (landed, or copied to quarantine) before the ending is announced, and it is announced before the
 * inbox records it, so an object that nobody heard of is never taken for settled.
 */
export async function ingestObject(
  arrival: Arrival,
  attempt: Attempt,
  ports: Ports,
): Promise<Outcome> {
  const admission = admit(arrival, ports.policy);
  if (admission.admission === 'refuse') throw new IngestError(admission.code, admission.reason);
  if (admission.admission === 'skip') {
    const skipped = { outcome: 'skipped', reason: admission.reason } as const;
    return await announce(skipped, { arrival }, attempt, ports);
  }

  await using opened = await ports.source.open(arrival, attempt.signal);
  if (opened.state !== 'open') {
    const by = opened.state === 'gone' ? 'deletion' : 'newer upload';
    const ended = await announce({ outcome: 'superseded', by }, { arrival }, attempt, ports);
    // The receive before this one may have landed older bytes over newer ones, and died.
    if (attempt.redelivered) await catchUp(arrival, { ...attempt, relanding: true }, ports);
    return ended;
  }
  const { object } = opened;
  if (isSettled(object, object.tags) && !attempt.relanding) return { outcome: 'duplicate' };

  const concluded =
    admission.admission === 'folder'
      ? await makeFolder(admission.landingPath, ports)
      : await examine(opened, admission.landingPath, attempt, ports);

  const { outcome, engine } = concluded;
  await announce(outcome, { arrival, object, engine }, attempt, ports);
  await settle(object, concluded, attempt, ports);
  // What landed just now may lie on top of a newer file; what was removed may uncover an older one.
  const relanding = outcome.outcome === 'delivered';
  await catchUp(arrival, { ...attempt, relanding }, ports);
  return outcome;
}

/** From bytes to an ending. Nothing lands before the verdict on exactly the staged bytes. */
async function examine(
  { object, body }: OpenObject,
  landingPath: string,
  attempt: Attempt,
  ports: Ports,
): Promise<Concluded> {
  const engine = await ports.scanner.version(attempt.signal);
  const oversize = judgeSize(object.sizeBytes);
  if (oversize !== undefined) {
    const outcome = conclude(oversize, { landingPath, sha256: undefined });
    return await keepAway({ outcome, engine }, object, attempt, ports);
  }
  await using staged = await ports.staging.stage(body, object.sizeBytes, attempt.signal);
  const verdict = judge(await ports.scanner.scan(staged.path, attempt.signal));
  const outcome = conclude(verdict, { landingPath, sha256: staged.sha256 });
  if (outcome.outcome !== 'delivered') {
    return await keepAway({ outcome, engine }, object, attempt, ports);
  }
  await ports.landing.commit(staged.path, landingPath, object.uploadedAt);
  return { outcome, engine };
}

async function makeFolder(landingPath: string, ports: Ports): Promise<Concluded> {
  await ports.landing.makeFolder(landingPath);
  return { outcome: { outcome: 'delivered', landingPath, sha256: undefined }, engine: undefined };
}

/** Ingests what the inbox holds now, where that is no longer what has just been dealt with. */
async function catchUp(handled: Arrival, attempt: Attempt, ports: Ports): Promise<void> {
  const current = await ports.source.current(handled.bucket, handled.key, attempt.signal);
  if (current === undefined) return;
  const moved = current.versionId !== handled.versionId || current.etag !== handled.etag;
  if (moved) await ingestObject(current, attempt, ports);
}
