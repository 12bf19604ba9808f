/** `PutRule` would refuse the pattern; the message says what is wrong, and where. */
export class InvalidEventPattern extends Error {
  override readonly name = 'InvalidEventPattern';

  /** @param at the dotted path of the offending field; empty for the pattern itself */
  constructor(reason: string, at = '') {
    super(`Event pattern is not valid. Reason: ${reason}${at === '' ? '' : ` (at ${at})`}`);
  }
}
