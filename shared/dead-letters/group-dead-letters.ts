import type { FoundLetter, LetterQueue } from './dead-letter.ts';

/** Letters of one queue with one cause. */
export type LetterGroup = {
  readonly queue: LetterQueue;
  readonly code: string;
  /** The oldest first. */
  readonly letters: readonly FoundLetter[];
  /** Who uploaded how many, most first; `unknown` where no letter says so. */
  readonly partners: readonly (readonly [name: string, count: number])[];
};

/** The largest group first. Pure. */
export function groupLetters(letters: readonly FoundLetter[]): readonly LetterGroup[] {
  const groups = Map.groupBy(letters, ({ queue, code }) => `${queue}/${code}`);
  return [...groups.values()]
    .flatMap((members) => {
      const sorted = members.toSorted((a, b) => a.sentAt - b.sentAt);
      const [oldest] = sorted;
      if (!oldest) return [];
      return [
        { queue: oldest.queue, code: oldest.code, letters: sorted, partners: partnersOf(members) },
      ];
    })
    .toSorted((a, b) => b.letters.length - a.letters.length);
}

function partnersOf(letters: readonly FoundLetter[]): LetterGroup['partners'] {
  const byPartner = Map.groupBy(letters, ({ partner }) => partner ?? 'unknown');
  return [...byPartner]
    .map(([name, members]) => [name, members.length] as const)
    .toSorted((a, b) => b[1] - a[1]);
}
