/** Something the person at the terminal can mend. The message is one sentence, shown as it is. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
