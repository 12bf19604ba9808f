import type { AuthContext, ParsedKey, PublicKeyAuthContext } from 'ssh2';
import { assertNever } from '../../shared/platform/assert-never.ts';
import type { Permits } from '../../shared/identity/session/session-permits.ts';
import type { Homes } from '../storage/paths.ts';
import ssh2 from './ssh2.ts';

const { utils } = ssh2;

export type Protocol = 'SFTP' | 'SCP';

export type LoginAttempt = { readonly username: string; readonly sourceIp: string } & (
  | { readonly method: 'password'; readonly password: string }
  /**
   * Made twice: when the client offers a key, and again when it has proven to possess it. No session
   * opens without the proof, so the result only has to say whether this key may be used.
   */
  | {
      readonly method: 'publickey';
      /** The raw key, what is base64 in an `authorized_keys` line. */
      readonly key: Buffer;
    }
);

/** What a partner may do: nothing outside the homes, and there only what the policy permits. */
export type Grant = {
  readonly username: string;
  readonly homes: Homes;
  readonly permits: Permits;
  readonly protocols: readonly Protocol[];
};

/** Why a login was refused, for the log. The client is never told. */
type Refusal =
  /** By the identity provider: unknown name, wrong password, network not allowed ... */
  | 'denied'
  | 'key-not-listed'
  | 'empty-password'
  | 'answer-not-understood'
  | 'identity-provider-failed'
  | 'bad-signature'
  | 'malformed-key'
  | 'method-not-offered';

export type AuthenticationResult = { readonly grant: Grant } | { readonly refused: Refusal };

/** A rejection refuses the login, too. */
export type Authenticate = (attempt: LoginAttempt) => Promise<AuthenticationResult>;

export type AttemptDecision =
  | { readonly decision: 'open'; readonly grant: Grant }
  /** The key is allowed; the client still has to prove that it possesses it. */
  | { readonly decision: 'prove-key' }
  | { readonly decision: 'deny'; readonly reason: Refusal; readonly isGuess: boolean }
  /** Clients use the method `none` to ask which methods there are. */
  | { readonly decision: 'show-methods' };

/** @throws what `authenticate` throws */
export async function judgeAttempt(
  request: AuthContext,
  sourceIp: string,
  authenticate: Authenticate,
): Promise<AttemptDecision> {
  const { username } = request;
  switch (request.method) {
    case 'password': {
      const { password } = request;
      // To the identity provider an empty password means a login by key.
      if (password === '') return { decision: 'deny', reason: 'empty-password', isGuess: true };
      const result = await authenticate({ method: 'password', username, sourceIp, password });
      return 'grant' in result
        ? { decision: 'open', grant: result.grant }
        : { decision: 'deny', reason: result.refused, isGuess: true };
    }
    case 'publickey':
      return judgeKey(request, sourceIp, authenticate);
    case 'none':
      return { decision: 'show-methods' };
    case 'hostbased':
    case 'keyboard-interactive':
      return { decision: 'deny', reason: 'method-not-offered', isGuess: false };
    default:
      return assertNever(request);
  }
}

async function judgeKey(
  request: PublicKeyAuthContext,
  sourceIp: string,
  authenticate: Authenticate,
): Promise<AttemptDecision> {
  const { username, signature, blob, hashAlgo } = request;
  const bytes = request.key.data;
  const key = utils.parseKey(bytes);
  // Another parser could read a non-canonical encoding as another key.
  if (key instanceof Error || key.isPrivateKey() || !key.getPublicSSH().equals(bytes)) {
    return { decision: 'deny', reason: 'malformed-key', isGuess: true };
  }
  const isProof = signature !== undefined;
  if (isProof && !isProven(key, blob, signature, hashAlgo)) {
    return { decision: 'deny', reason: 'bad-signature', isGuess: true };
  }
  const result = await authenticate({ method: 'publickey', username, sourceIp, key: bytes });
  if ('refused' in result) {
    // Clients try all the keys they have, and a public key is not a secret to guess.
    return { decision: 'deny', reason: result.refused, isGuess: false };
  }
  return isProof ? { decision: 'open', grant: result.grant } : { decision: 'prove-key' };
}

function isProven(
  key: ParsedKey,
  blob: Buffer | undefined,
  signature: Buffer,
  hashAlgorithm: string | undefined,
): boolean {
  if (blob === undefined) return false;
  // Declared boolean, but ssh2 may also return an error, which is truthy.
  const verified: unknown = key.verify(blob, signature, hashAlgorithm);
  return verified === true;
}
