import { showInvisible, showInvisibleInLines } from './control-characters.ts';

/** A message to the operators. */
export type Mail = { readonly subject: string; readonly body: string };

/** Mails the operators. A repetition is a second mail. */
export interface Mailer {
  /** @throws the SDK's errors: nothing was sent, and the caller has to retry */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_SUBJECT_CHARACTERS = 100;
const MAX_BODY_BYTES = 262_144;

/** SNS rejects a mail whose subject has anything but printable ASCII. */
export function mailSubject(text: string): string {
  const ascii = showInvisible(text)
    .replaceAll(/[^ -~]/g, '?')
    .trim();
  return ascii.slice(0, MAX_SUBJECT_CHARACTERS) || 'Airlock';
}

/** Truncated to what SNS accepts; the mail says so. */
export function mailBody(text: string): string {
  const wellFormed = showInvisibleInLines(text);
  if (Buffer.byteLength(wellFormed) <= MAX_BODY_BYTES) return wellFormed;
  const note = '\n\n(truncated: the limit of a mail is reached)\n';
  const room = Buffer.from(wellFormed).subarray(0, MAX_BODY_BYTES - Buffer.byteLength(note));
  // Streaming drops a character that the cut has split.
  return new TextDecoder().decode(room, { stream: true }) + note;
}
