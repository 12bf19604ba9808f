import type { DeadLetter, DeadLetterQueue } from './dead-letter.ts';

/** Dead letters of one queue with one cause. */
export type DeadLetterGroup = {
  readonly queue: DeadLetterQueue;
  readonly code: string;
  /** The oldest first. */
  readonly deadLetters: readonly DeadLetter[];
  /** Uploads per partner, most first; `unknown` where a dead letter names none. */
  readonly partners: readonly (readonly [name: string, count: number])[];
};

/** The largest group first. Pure. */
export function groupDeadLetters(deadLetters: readonly DeadLetter[]): readonly DeadLetterGroup[] {
  const groups = Map.groupBy(deadLetters, ({ queue, code }) => `${queue}/${code}`);
  return [...groups.values()]
    .flatMap((members) => {
      const sorted = members.toSorted((a, b) => a.sentAt - b.sentAt);
      const [oldest] = sorted;
      if (!oldest) return [];
      const { queue, code } = oldest;
      return [{ queue, code, deadLetters: sorted, partners: countByPartner(members) }];
    })
    .toSorted((a, b) => b.deadLetters.length - a.deadLetters.length);
}

function countByPartner(deadLetters: readonly DeadLetter[]): DeadLetterGroup['partners'] {
  const byPartner = Map.groupBy(deadLetters, ({ partner }) => partner ?? 'unknown');
  return [...byPartner]
    .map(([name, members]) => [name, members.length] as const)
    .toSorted((a, b) => b[1] - a[1]);
}
