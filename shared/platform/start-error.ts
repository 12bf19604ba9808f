/** Something the user at the terminal can fix. The message is one sentence, shown as it is. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
