import * as v from 'valibot';
import type { UnscannableReason } from '../../model/verdict.ts';

/**
 * The reasons of shared/model/verdict.ts that depend on the file. Outdated signatures are not a
 * matter of policy.
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
  'heuristic',
] as const satisfies readonly UnscannableReason[];

const count = (description: string) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be 1 or more; leave it out for no limit'),
    v.description(description),
  );

const extensions = (description: string) =>
  v.pipe(
    v.array(
      v.pipe(
        v.string('must be text'),
        v.regex(
          /^\.[^/\s\p{Lu}]+$/u,
          'must be an extension in lower case with its dot, like .csv or .tar.gz',
        ),
      ),
      'must be a list',
    ),
    v.description(description),
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
        'What to do with a file that could not be scanned in full, by reason; hold by default.',
      ),
    ),
    {},
  ),
  maxSizeBytes: v.exactOptional(count('Larger files are refused.')),
  allowedExtensions: v.exactOptional(extensions('Only files with these extensions are accepted.')),
  refusedExtensions: v.exactOptional(extensions('Files with these extensions are refused.')),
});
