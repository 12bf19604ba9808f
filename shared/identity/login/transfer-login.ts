import * as v from 'valibot';

/**
 * What Transfer Family asks a custom identity provider. A login by key comes with no password, or an
 * empty one: the answer then has the keys, and the server compares.
 * https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html
 */
export const LoginRequest = v.object({
  username: v.string(),
  password: v.optional(v.string(), ''),
  /** SFTP, FTP or FTPS; SCP is what our own door asks before it lets `scp -O` in. */
  protocol: v.string(),
  serverId: v.string(),
  sourceIp: v.string(),
});
export type LoginRequest = v.InferOutput<typeof LoginRequest>;

/** What Transfer takes for "this is who it is". */
export type LoginAnswer = {
  readonly Role: string;
  /** JSON text. */
  readonly Policy: string;
  readonly HomeDirectoryType: 'LOGICAL';
  /** JSON text of `HomeMapping[]`; a list would be refused. */
  readonly HomeDirectoryDetails: string;
  /** Only, and never empty, in the answer to a login by key. */
  readonly PublicKeys?: readonly string[];
};

/** Transfer lets nobody in who has no role. */
export type Denied = Readonly<Record<string, never>>;
export const DENIED: Denied = {};

export type HomeMapping = {
  /** What the partner sees. */
  readonly Entry: string;
  /** `/bucket` or `/bucket/folder`. */
  readonly Target: string;
};
