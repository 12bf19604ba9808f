/** The engine does not start. The message is one sentence, with the engine's own last words. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
