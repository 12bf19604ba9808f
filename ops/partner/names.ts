/** Groups of names that differ in case only: people and some clients take one for the other. */
export function namesAlike(names: readonly string[]): readonly (readonly string[])[] {
  const groups = Map.groupBy(names, (name) => name.toLowerCase());
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** The other names that differ from this one in case only. */
export function othersLike(name: string, names: readonly string[]): readonly string[] {
  return names.filter((other) => other !== name && other.toLowerCase() === name.toLowerCase());
}
