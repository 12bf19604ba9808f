import { escapeControlCharacters } from './control-characters.ts';

/** A message in words to those who operate Airlock. */
export type Mail = { readonly subject: string; readonly body: string };

/** Tells the operators. May be repeated: they then read it twice. */
export interface Mailer {
  /** @throws the SDK's errors: nobody was told, and the caller has to try again */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_SUBJECT_CHARACTERS = 100;
const MAX_BODY_BYTES = 262_144;

/** SNS refuses a subject with anything but printable ASCII, and so would lose the mail. */
export function mailSubject(text: string): string {
  const ascii = escapeControlCharacters(text)
    .replaceAll(/[^ -~]/g, '?')
    .trim();
  return ascii.slice(0, MAX_SUBJECT_CHARACTERS) || 'Airlock';
}

/** What is beyond the room that SNS gives is cut, and the mail says so. */
export function mailBody(text: string): string {
  const wellFormed = text.toWellFormed();
  if (Buffer.byteLength(wellFormed) <= MAX_BODY_BYTES) return wellFormed;
  const note = '\n\n(cut here: a mail takes no more)\n';
  const room = Buffer.from(wellFormed).subarray(0, MAX_BODY_BYTES - Buffer.byteLength(note));
  // Streaming leaves out a character that the cut has halved.
  return new TextDecoder().decode(room, { stream: true }) + note;
}
