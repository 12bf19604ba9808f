import { play } from './play.ts';
import { SIZES } from './size.ts';
import { World } from './world.ts';

/** Plays so many seeds. @throws Error with the shortest failing schedule that a search found */
export async function explore(first: number, count: number): Promise<void> {
  const seed = await firstBreaking(first, count);
  if (seed !== undefined) throw new Error(await story(await smallestLike(seed)));
}

/** The first of so many seeds under which a promise is broken. */
export async function firstBreaking(first: number, count: number): Promise<number | undefined> {
  for (let seed = first; seed < first + count; seed += 1) {
    if ((await breakingOf(new World(seed))) !== undefined) return seed;
  }
  return undefined;
}

/** How a world broke a promise, if it did. */
async function breakingOf(world: World): Promise<string | undefined> {
  try {
    await play(world);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** The smallest world that fails, and of those the shortest schedule, in a bounded search. */
async function smallestLike(seed: number): Promise<number> {
  for (let size = 0; size < SIZES.length; size += 1) {
    let shortest: { seed: number; lines: number } | undefined;
    for (let index = 0; index < 1000; index += 1) {
      const candidate = index * SIZES.length + size;
      const world = new World(candidate, { traced: true });
      if ((await breakingOf(world)) === undefined) continue;
      const lines = world.trace?.length ?? 0;
      if (lines < (shortest?.lines ?? Infinity)) shortest = { seed: candidate, lines };
    }
    if (shortest) return shortest.seed;
  }
  return seed;
}

/** Plays one seed. @throws Error with what happened, line by line, when it breaks a promise */
export async function replay(seed: number): Promise<void> {
  if ((await breakingOf(new World(seed))) !== undefined) throw new Error(await story(seed));
}

/** What happened under a seed, line by line. */
async function story(seed: number): Promise<string> {
  const world = new World(seed, { traced: true });
  const breaking = await breakingOf(world);
  return [
    `${breaking}\n`,
    `replay: AIRLOCK_SEED=${seed} npx vitest run test/model`,
    ...(world.trace ?? []),
  ].join('\n');
}
