import * as v from 'valibot';
import { parsePublicKey } from './public-key.ts';

/** A public key as a document keeps it. */
export const PartnerKey = v.strictObject({
  key: v.pipe(
    v.string('must be text'),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const parsed = parsePublicKey(dataset.value);
      const isExact = 'key' in parsed && parsed.key === dataset.value;
      if ('problem' in parsed) addIssue({ message: parsed.problem });
      else if (!isExact)
        addIssue({ message: 'must be type and base64 alone; put the rest into "comment"' });
    }),
    v.description('Type and base64, as in the first two words of an OpenSSH .pub file.'),
  ),
  comment: v.pipe(v.string('must be text'), v.description('Whose key it is, for people.')),
  expiresAt: v.exactOptional(
    v.pipe(
      v.string('must be text'),
      v.isoTimestamp('must be a time like 2027-01-31T00:00:00Z'),
      v.description('From then on the key opens nothing. ISO 8601.'),
    ),
  ),
});

export type PartnerKey = v.InferOutput<typeof PartnerKey>;
