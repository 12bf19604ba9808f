/** The engine does not start. The message is one sentence, with the engine's error output. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
