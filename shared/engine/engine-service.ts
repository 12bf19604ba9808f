/**
 * The engine behind one address, replaceable while scans are running. Disposing stops it.
 */
export interface EngineService extends AsyncDisposable {
  /** @returns an empty directory for the next engine's database */
  prepare(): Promise<string>;

  /**
   * Starts an engine on the database in the prepared directory, and switches to it once it has
   * loaded. The previous engine finishes its running scans and ends; until then the two take twice
   * the memory.
   *
   * @returns as `Scanner.version`
   * @throws EngineError when it does not load; the previous engine stays in service
   */
  replace(signal: AbortSignal): Promise<string>;
}
