import * as v from 'valibot';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { OpsError } from '../ops-error.ts';

/** Stands for the stored hash in a document that is shown, so that it can be given back. */
export const STORED_PASSWORD = '(stored)';

/** A document as people and scripts see it: without the password's hash. The inverse of `readDocument`. */
export function shownDocument(partner: Partner): object {
  return { ...partner, ...(partner.password !== undefined && { password: STORED_PASSWORD }) };
}

/**
 * Reads a document as `partner show --json` prints it. The mark of a stored password is replaced by the stored hash,
 * and left out where there is none.
 *
 * @param stored the partner as it is now; without it, the mark stays
 * @returns a document that may still be invalid
 * @throws OpsError when the text is not a JSON object
 */
export function readDocument(text: string, stored?: Partner): Record<string, unknown> {
  const { password, ...others } = parseObject(text);
  const isStored = password === STORED_PASSWORD && stored !== undefined;
  const kept = isStored ? stored.password : password;
  return { ...others, ...(kept !== undefined && { password: kept }) };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    if (!Array.isArray(document)) return v.parse(v.record(v.string(), v.unknown()), document);
  } catch (cause) {
    throw new OpsError(
      'the document is not a JSON object',
      { why: describeError(cause), how: 'start from what `partner show NAME --json` prints' },
      { cause },
    );
  }
  throw new OpsError('the document is not a JSON object', {
    why: 'it is a list',
    how: 'start from what `partner show NAME --json` prints',
  });
}
