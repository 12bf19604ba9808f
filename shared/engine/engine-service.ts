/**
 * The engine that scanners reach at one address, and that is exchanged while it is at work.
 * Disposing ends it.
 */
export interface EngineService extends AsyncDisposable {
  /** An empty directory for the database of the next engine. */
  prepare(): Promise<string>;

  /**
   * Starts an engine on what was put into the prepared directory, and lets it take over once it has
   * loaded that. The former one finishes the scans it has begun, and ends. For a while there are
   * two of them, and twice the memory is taken.
   *
   * @returns what it is, as `Scanner.version` gives it
   * @throws EngineError when it does not load; the former one goes on
   */
  replace(signal: AbortSignal): Promise<string>;
}
