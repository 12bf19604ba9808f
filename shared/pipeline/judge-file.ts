import { inMember, judgeReply, unscannableFor, worse } from '../decide/verdict.ts';
import type { Inspection, Verdict } from '../model/verdict.ts';
import { OPENING, OpeningBudget } from '../open/opening-budget.ts';
import type { Member } from '../open/opener.ts';
import { shownName } from '../open/shown-name.ts';
import type { Ports } from './ports.ts';

type JudgePorts = Pick<Ports, 'inspector' | 'scanner' | 'opener'>;
type Opening = Extract<Inspection, { kind: 'open' }>;

/** Members of one container that are looked at together: clamd answers several at once. */
const TOGETHER = 4;

/**
 * Judges a file: inspect -> scan -> open -> judge every member. Bytes that were not scanned are
 * never clean: the engine's OK is necessary, not sufficient.
 *
 * Inspected first, because the engine takes minutes over some files, exceeding its own limits, and
 * cannot be interrupted. Opened last, by a program apart, and only where the engine may have passed
 * over something.
 *
 * @throws IngestError as the ports do; without a verdict nothing lands
 */
export async function judgeFile(
  path: string,
  signal: AbortSignal,
  ports: JudgePorts,
): Promise<Verdict> {
  const inspection = await ports.inspector.inspect(path, signal);
  if (inspection === undefined) return judgeReply(await ports.scanner.scan(path, signal));
  return await judgeInspected(
    path,
    inspection,
    { level: 1, budget: new OpeningBudget(), signal },
    ports,
  );
}

type Circumstances = {
  /** 1 for the uploaded file, 2 for what is in it, and so on. */
  readonly level: number;
  readonly budget: OpeningBudget;
  readonly signal: AbortSignal;
};

async function judgeInspected(
  path: string,
  inspection: Inspection | undefined,
  circumstances: Circumstances,
  ports: JudgePorts,
): Promise<Verdict> {
  const held = inspection?.kind === 'unscannable' ? unscannableFor(inspection.finding) : undefined;
  if (inspection?.kind === 'unscannable' && !inspection.askEngine && held) return held;
  const scanned = judgeReply(await ports.scanner.scan(path, circumstances.signal));
  if (scanned.kind === 'infected') return scanned;
  if (inspection?.kind === 'open')
    return worse(scanned, await judgeContent(path, inspection, circumstances, ports));
  return held ?? scanned;
}

async function judgeContent(
  path: string,
  { container, listed }: Opening,
  { level, budget, signal }: Circumstances,
  ports: JudgePorts,
): Promise<Verdict> {
  if (level > OPENING.levels) {
    const detail = `files nested more than ${OPENING.levels} deep`;
    return unscannableFor({ reason: 'archive-nesting', detail });
  }
  await using opened = await ports.opener.open(path, container, listed, budget, signal);
  let verdict: Verdict = opened.unread ? unscannableFor(opened.unread) : { kind: 'clean' };
  const inside = { level: level + 1, budget, signal };
  const judgeOne = async ({ path: inner, name }: Member): Promise<Verdict> => {
    const inspection = await ports.inspector.inspect(inner, signal);
    return inMember(await judgeInspected(inner, inspection, inside, ports), shownName(name));
  };
  for (let at = 0; at < opened.members.length; at += TOGETHER) {
    const verdicts = await Promise.all(opened.members.slice(at, at + TOGETHER).map(judgeOne));
    verdict = verdicts.reduce(worse, verdict);
    if (verdict.kind === 'infected') break;
  }
  return verdict;
}
