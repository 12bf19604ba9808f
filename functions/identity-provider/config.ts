import * as v from 'valibot';
import { text } from '../../shared/platform/environment.ts';

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  /** Holds `partners/<name>.json`. */
  CONFIG_BUCKET: text,
  INBOX_BUCKET: text,
  /** The role that Transfer assumes for a partner's session. */
  TRANSFER_ROLE_ARN: v.pipe(text, v.regex(/^arn:[^:]+:iam::/, 'must be the ARN of a role')),
  /** Of the key that the inbox is encrypted with; empty for S3-managed keys. */
  KMS_KEY_ARN: v.string(),
});

export type Config = v.InferOutput<typeof Environment>;
