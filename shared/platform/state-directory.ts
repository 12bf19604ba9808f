/**
 * The state directory of an Airlock on this machine.
 *
 * @param given what the user named, `undefined` for nothing
 * @returns `undefined` when an empty name was given: it would be the current directory, which nobody means
 */
export function stateDirectory(given: string | undefined): string | undefined {
  if (given === undefined) return '.airlock';
  return given.trim() === '' ? undefined : given;
}
