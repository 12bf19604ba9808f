import * as v from 'valibot';
import type { UnscannableReason } from '../../model/verdict.ts';

/**
 * The reasons of shared/model/verdict.ts that a partner's files give, as data. Signatures that are too
 * old are nobody's policy.
 */
export const UNSCANNABLE_REASONS = [
  'limit',
  'oversize',
  'encrypted',
  'archive-structure',
  'archive-method',
  'archive-nesting',
  'archive-size',
  'unsupported-format',
] as const satisfies readonly UnscannableReason[];

const count = (words: string) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be 1 or more; leave it out for no limit'),
    v.description(words),
  );

const extensions = (words: string) =>
  v.pipe(
    v.array(
      v.pipe(
        v.string('must be text'),
        v.regex(
          /^\.[^/\s\p{Lu}]+$/u,
          'must be an ending in lower case with its dot, like .csv or .tar.gz',
        ),
      ),
      'must be a list',
    ),
    v.description(words),
  );

const Handling = v.picklist(['hold', 'deliver'], 'must be "hold" or "deliver"');

/** The schema of `PartnerPolicy` in shared/model/. */
export const PartnerPolicy = v.strictObject({
  unscannable: v.exactOptional(
    v.pipe(
      v.record(
        v.picklist(UNSCANNABLE_REASONS, `must be one of ${UNSCANNABLE_REASONS.join(', ')}`),
        Handling,
        'must be an object of reasons, each with "hold" or "deliver"',
      ),
      v.description(
        'What to do with a file that could not be looked at as a whole, by reason. hold where nothing is said.',
      ),
    ),
    {},
  ),
  maxSizeBytes: v.exactOptional(count('Larger files are refused.')),
  allowedExtensions: v.exactOptional(
    extensions('Only files with these endings come in; others are refused.'),
  ),
  refusedExtensions: v.exactOptional(extensions('Files with these endings are refused.')),
});
