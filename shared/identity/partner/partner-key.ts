import * as v from 'valibot';
import { parsePublicKey } from './public-key.ts';

/** A public key in a document. */
export const PartnerKey = v.strictObject({
  key: v.pipe(
    v.string('must be text'),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const parsed = parsePublicKey(dataset.value);
      const isExact = 'key' in parsed && parsed.key === dataset.value;
      if ('problem' in parsed) addIssue({ message: parsed.problem });
      else if (!isExact)
        addIssue({ message: 'must be type and base64 only; put the rest into "comment"' });
    }),
    v.description('Type and base64: the first two words of an OpenSSH .pub file.'),
  ),
  comment: v.pipe(v.string('must be text'), v.description('Whose key it is.')),
  expiresAt: v.exactOptional(
    v.pipe(
      v.string('must be text'),
      v.isoTimestamp('must be a time like 2027-01-31T00:00:00Z'),
      v.description('From then on the key is not accepted. ISO 8601.'),
    ),
  ),
});

export type PartnerKey = v.InferOutput<typeof PartnerKey>;
