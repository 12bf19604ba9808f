import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import * as v from 'valibot';
import { causeOf } from '../../shared/dead-letters/causes.ts';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { act } from '../act.ts';
import { type Context, openContext } from '../context.ts';
import { interruption } from '../interruption.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { counted } from '../output.ts';
import { checkReason, requireReason } from '../reason.ts';
import { type Ending, Endings } from './endings.ts';
import { formatEndings, formatSelected } from './format.ts';
import { noteInHand } from './in-hand.ts';
import { type LeasedMessage, leaseQueues } from './leased-messages.ts';
import { checkPolicies, type PolicyFinding } from './policy-check.ts';
import { nothingSelected, parametersOf, subjectOf } from './report.ts';
import { requireSelection, select, SelectionOptions } from './selection.ts';

const Options = v.object({
  ...SelectionOptions.entries,
  reason: v.optional(v.string()),
  /** `false`: `--no-wait`. */
  wait: v.union([v.number(), v.literal(false)]),
  evenSo: v.optional(v.boolean(), false),
  dryRun: v.optional(v.boolean(), false),
});

/** Not the subscription queue: its messages are notices, which the ingest cannot process. */
const REDRIVABLE = ['ingest', 'undelivered'] as const;

export async function redrive(raw: unknown, command: Command): Promise<void> {
  const { reason: given, wait, evenSo, dryRun, ...selection } = v.parse(Options, raw);
  requireSelection(selection);
  requireRedrivable(selection.queue);
  const reason =
    evenSo && !dryRun
      ? await requireReason(given, 'delivering what a policy refused')
      : checkReason(given);
  const context = await openContext(command);
  const { target, out } = context;
  const signal = interruption();
  await using leased = await leaseQueues(target, REDRIVABLE, signal);
  const selected = select(leased.messages, selection, Date.now());
  if (selected.length === 0) {
    nothingSelected(leased, selection, out);
    return;
  }
  await leased.keepOnly(selected);
  const all = selected.map(({ deadLetter }) => deadLetter);
  const findings = await checkPolicies(target, all);
  const left = evenSo ? [] : selected.filter((it) => findings.get(it.deadLetter)?.kind === 'lost');
  const chosen = selected.filter((it) => !left.includes(it));
  noteCauses(chosen, findings, context);
  if (!dryRun) await untilInEffect(chosen, findings, context, signal);
  if (dryRun) {
    const deadLetters = chosen.map(({ deadLetter }) => deadLetter);
    out.show(deadLetters, () =>
      [
        ...formatSelected(deadLetters),
        `${counted(chosen.length, 'dead letter')} would be redriven; nothing was changed.`,
      ].join('\n'),
    );
  } else {
    using endings = new Endings(
      target,
      leased.messages.map((it) => it.deadLetter),
      signal,
    );
    const before = wait === false ? new Map<DeadLetter, Ending>() : await endings.before(all);
    const parameters = { ...parametersOf(selection), ...(evenSo && { evenSo }) };
    const found = await act(
      context,
      { command: 'dead-letters redrive', reason, parameters },
      async (note) => {
        const subjects = new Map<DeadLetter, ReturnType<typeof subjectOf>>();
        const sentAt = Date.now();
        await sendAll(chosen, context, signal, (deadLetter) => {
          const subject = { ...subjectOf(deadLetter), result: 'sent' };
          subjects.set(deadLetter, subject);
          note(subject);
        });
        if (wait === false) return undefined;
        const open = chosen.map((it) => it.deadLetter).filter((it) => !before.has(it));
        const after = await endings.wait(open, { sentAt, waitMs: wait * 1000 }, (endedCount) => {
          const ended = chosen.length - open.length + endedCount;
          out.progress(`${chosen.length} redriven, ${ended} ended`);
        });
        const ends = new Map([...before, ...after]);
        for (const [deadLetter, subject] of subjects) {
          subject.result = ends.get(deadLetter)?.kind ?? 'sent';
        }
        return ends;
      },
    );
    showResults(chosen, found, context);
  }
  noteLeft(left, findings, context);
  noteInHand(leased.inHandCount, out);
}

function requireRedrivable(queue: string | undefined): void {
  if (queue === undefined || REDRIVABLE.some((it) => it === queue)) return;
  throw new OpsError(`dead letters of the queue ${queue} cannot be redriven`, {
    why: 'they are no uploads, and the ingest could do nothing with them',
    how: `redrive those of ${REDRIVABLE.join(' and ')}; \`dead-letters list --queue ${queue}\` says what to do with these`,
    exitCode: EXIT.usage,
  });
}

/** The ingest remembers policies for a while, and would refuse by the one of before. */
async function untilInEffect(
  chosen: readonly LeasedMessage[],
  findings: ReadonlyMap<DeadLetter, PolicyFinding>,
  { out }: Context,
  signal: AbortSignal,
): Promise<void> {
  const found = chosen.flatMap(({ deadLetter }) => findings.get(deadLetter) ?? []);
  const inEffectAt = Math.max(0, ...found.map((it) => ('inEffectAt' in it ? it.inEffectAt : 0)));
  const waitMs = inEffectAt - Date.now();
  if (waitMs <= 0) return;
  out.note(
    `Waiting ${Math.ceil(waitMs / 1000)} s until the changed policy is in effect everywhere.`,
  );
  await sleep(waitMs, undefined, { signal });
}

/** In this order: a crash between the two leaves a second copy, which ends as a duplicate. */
async function sendAll(
  chosen: readonly LeasedMessage[],
  { out }: Context,
  signal: AbortSignal,
  onSent: (deadLetter: DeadLetter) => void,
): Promise<void> {
  for (const [doneCount, message] of chosen.entries()) {
    signal.throwIfAborted();
    await message.send();
    onSent(message.deadLetter);
    await message.remove();
    out.progress(`${doneCount + 1} of ${chosen.length} redriven`);
  }
}

function noteCauses(
  chosen: readonly LeasedMessage[],
  findings: ReadonlyMap<DeadLetter, PolicyFinding>,
  { out }: Context,
): void {
  for (const why of new Set(
    chosen.flatMap(({ deadLetter }) => findings.get(deadLetter)?.why ?? []),
  )) {
    out.note(`note: ${why}`);
  }
  const unfixed = new Set(
    chosen
      .filter(({ deadLetter }) => !findings.has(deadLetter))
      .map(({ deadLetter }) => deadLetter.code)
      .filter((code) => causeOf(code).needsFix),
  );
  for (const code of unfixed) {
    out.note(`${code}: will fail again unless its cause is fixed first. ${causeOf(code).advice}`);
  }
}

function showResults(
  chosen: readonly LeasedMessage[],
  endings: ReadonlyMap<DeadLetter, Ending> | undefined,
  { out }: Context,
): void {
  const results = chosen.map(({ deadLetter }) => ({
    ...deadLetter,
    ...(endings !== undefined && {
      ending: endings.get(deadLetter) ?? { kind: 'not ended' as const },
    }),
  }));
  out.show(results, () =>
    formatEndings(
      chosen.map((it) => it.deadLetter),
      endings,
    ),
  );
  const kinds = new Set([...(endings?.values() ?? [])].map(({ kind }) => kind));
  if (kinds.has('not ended')) process.exitCode = EXIT.unfinished;
  if (kinds.has('refused')) process.exitCode = EXIT.no;
}

function noteLeft(
  left: readonly LeasedMessage[],
  findings: ReadonlyMap<DeadLetter, PolicyFinding>,
  { out }: Context,
): void {
  if (left.length === 0) return;
  const whys = new Set(left.flatMap(({ deadLetter }) => findings.get(deadLetter)?.why ?? []));
  out.note(
    [
      `${counted(left.length, 'dead letter')} left where ${left.length === 1 ? 'it is' : 'they are'}: ${[...whys].join('; ')}.`,
      'A redrive would deliver what nobody has allowed. To redrive all the same: --even-so --reason TEXT; or remove them.',
    ].join('\n'),
  );
  process.exitCode = EXIT.no;
}
