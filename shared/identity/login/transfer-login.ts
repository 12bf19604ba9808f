import * as v from 'valibot';

/**
 * Transfer Family's request to a custom identity provider. A login by key has no password, or an
 * empty one: the answer then has the keys, and the server compares.
 * https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html
 */
export const LoginRequest = v.object({
  username: v.string(),
  password: v.optional(v.string(), ''),
  /** SFTP, FTP or FTPS; our own gateway asks with SCP for `scp -O`. */
  protocol: v.string(),
  serverId: v.string(),
  sourceIp: v.string(),
});
export type LoginRequest = v.InferOutput<typeof LoginRequest>;

/** What the partner sees: mappings, or real paths. Transfer rejects an answer with both. */
export type LoginHome =
  | {
      readonly HomeDirectoryType: 'LOGICAL';
      /** JSON text of `HomeMapping[]`; Transfer rejects a list. */
      readonly HomeDirectoryDetails: string;
    }
  | {
      readonly HomeDirectoryType: 'PATH';
      /** `/bucket` or `/bucket/folder`. */
      readonly HomeDirectory: string;
    };

/** Transfer's answer for an allowed login. */
export type LoginAnswer = LoginHome & {
  readonly Role: string;
  /** JSON text. */
  readonly Policy: string;
  /** Only in the answer to a login by key, and never empty. */
  readonly PublicKeys?: readonly string[];
};

/** Transfer denies a login without a role. */
export type Denied = Readonly<Record<string, never>>;
export const DENIED: Denied = {};
