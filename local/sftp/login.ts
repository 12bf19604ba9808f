import ssh2, { type AuthContext, type ParsedKey, type PublicKeyAuthContext } from 'ssh2';
import { assertNever } from '../../shared/platform/assert-never.ts';

const { utils } = ssh2;

/** A public key as it goes over the wire. */
type PublicKeyOffer = {
  /** The key's own type, as `ssh-ed25519`; not the signature algorithm. */
  readonly algorithm: string;
  /** The raw key, what is base64 in an `authorized_keys` line. */
  readonly bytes: Buffer;
};

export type LoginAttempt = { readonly username: string; readonly remoteAddress: string } & (
  | { readonly method: 'password'; readonly password: string }
  /**
   * Asked twice: when the client offers a key, and again when it has proven to possess it. No session
   * opens without the proof, so an answer needs to say only whether this key may be used.
   */
  | { readonly method: 'publickey'; readonly key: PublicKeyOffer }
);

/** What a partner may see: keys under `prefix` ('' = the whole bucket) of `bucket`. */
export type SftpSession = {
  readonly username: string;
  readonly bucket: string;
  readonly prefix: string;
};

/** undefined = denied. */
export type Authenticate = (attempt: LoginAttempt) => Promise<SftpSession | undefined>;

export type LoginDecision =
  | { readonly decision: 'open'; readonly session: SftpSession }
  /** The key would do; its possession is still to be proven. */
  | { readonly decision: 'prove-key' }
  | { readonly decision: 'deny' }
  /** Not an attempt with a secret: clients ask with `none` which methods there are. */
  | { readonly decision: 'show-methods' };

export async function decideLogin(
  request: AuthContext,
  remoteAddress: string,
  authenticate: Authenticate,
): Promise<LoginDecision> {
  const { username } = request;
  switch (request.method) {
    case 'password': {
      const { password } = request;
      const session = await authenticate({ method: 'password', username, remoteAddress, password });
      return session === undefined ? { decision: 'deny' } : { decision: 'open', session };
    }
    case 'publickey':
      return decideKey(request, remoteAddress, authenticate);
    case 'none':
      return { decision: 'show-methods' };
    case 'hostbased':
    case 'keyboard-interactive':
      return { decision: 'deny' };
    default:
      return assertNever(request);
  }
}

async function decideKey(
  request: PublicKeyAuthContext,
  remoteAddress: string,
  authenticate: Authenticate,
): Promise<LoginDecision> {
  const { username, signature, blob, hashAlgo } = request;
  const bytes = request.key.data;
  const key = utils.parseKey(bytes);
  // A key that is not written the one way it is written could be another key to someone else.
  if (key instanceof Error || key.isPrivateKey() || !key.getPublicSSH().equals(bytes)) {
    return { decision: 'deny' };
  }
  const isProof = signature !== undefined;
  if (isProof && !isProven(key, blob, signature, hashAlgo)) return { decision: 'deny' };
  const offer = { algorithm: key.type, bytes };
  const session = await authenticate({ method: 'publickey', username, remoteAddress, key: offer });
  if (session === undefined) return { decision: 'deny' };
  return isProof ? { decision: 'open', session } : { decision: 'prove-key' };
}

function isProven(
  key: ParsedKey,
  blob: Buffer | undefined,
  signature: Buffer,
  hashAlgorithm: string | undefined,
): boolean {
  if (blob === undefined) return false;
  // Declared boolean, but ssh2 also returns errors, which are truthy.
  const verified: unknown = key.verify(blob, signature, hashAlgorithm);
  return verified === true;
}
