import type { AuthContext, ParsedKey, PublicKeyAuthContext } from 'ssh2';
import { assertNever } from '../../shared/platform/assert-never.ts';
import type { Permits } from '../../shared/identity/session/session-permits.ts';
import type { Home } from '../storage/paths.ts';
import ssh2 from './ssh2.ts';

const { utils } = ssh2;

export type Protocol = 'SFTP' | 'SCP';

export type LoginAttempt = { readonly username: string; readonly sourceIp: string } & (
  | { readonly method: 'password'; readonly password: string }
  /**
   * Asked twice: when the client offers a key, and again when it has proven to possess it. No session
   * opens without the proof, so an answer needs to say only whether this key may be used.
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
  readonly homes: readonly Home[];
  readonly permits: Permits;
  readonly protocols: readonly Protocol[];
};

/** Why somebody was not let in, as a class for the log; the one outside is not told. */
type Refusal =
  /** The identity provider said no: an unknown name, a wrong password, a network not allowed ... */
  | 'denied'
  | 'key-not-listed'
  | 'empty-password'
  | 'answer-not-understood'
  | 'identity-provider-failed'
  | 'bad-signature'
  | 'malformed-key'
  | 'method-not-offered';

export type Verdict = { readonly grant: Grant } | { readonly refused: Refusal };

/** An error refuses, too. */
export type Authenticate = (attempt: LoginAttempt) => Promise<Verdict>;

export type LoginDecision =
  | { readonly decision: 'open'; readonly grant: Grant }
  /** The key would do; its possession is still to be proven. */
  | { readonly decision: 'prove-key' }
  | { readonly decision: 'deny'; readonly reason: Refusal; readonly isGuess: boolean }
  /** Not an attempt with a secret: clients ask with `none` which methods there are. */
  | { readonly decision: 'show-methods' };

/** @throws what `authenticate` throws */
export async function decideLogin(
  request: AuthContext,
  sourceIp: string,
  authenticate: Authenticate,
): Promise<LoginDecision> {
  const { username } = request;
  switch (request.method) {
    case 'password': {
      const { password } = request;
      // To the identity provider no password means that a key will be shown.
      if (password === '') return { decision: 'deny', reason: 'empty-password', isGuess: true };
      const verdict = await authenticate({ method: 'password', username, sourceIp, password });
      return 'grant' in verdict
        ? { decision: 'open', grant: verdict.grant }
        : { decision: 'deny', reason: verdict.refused, isGuess: true };
    }
    case 'publickey':
      return decideKey(request, sourceIp, authenticate);
    case 'none':
      return { decision: 'show-methods' };
    case 'hostbased':
    case 'keyboard-interactive':
      return { decision: 'deny', reason: 'method-not-offered', isGuess: false };
    default:
      return assertNever(request);
  }
}

async function decideKey(
  request: PublicKeyAuthContext,
  sourceIp: string,
  authenticate: Authenticate,
): Promise<LoginDecision> {
  const { username, signature, blob, hashAlgo } = request;
  const bytes = request.key.data;
  const key = utils.parseKey(bytes);
  // A key that is not written the one way it is written could be another key to someone else.
  if (key instanceof Error || key.isPrivateKey() || !key.getPublicSSH().equals(bytes)) {
    return { decision: 'deny', reason: 'malformed-key', isGuess: true };
  }
  const isProof = signature !== undefined;
  if (isProof && !isProven(key, blob, signature, hashAlgo)) {
    return { decision: 'deny', reason: 'bad-signature', isGuess: true };
  }
  const verdict = await authenticate({ method: 'publickey', username, sourceIp, key: bytes });
  if ('refused' in verdict) {
    // Clients try all the keys they have; a public key is no secret that could be guessed.
    return { decision: 'deny', reason: verdict.refused, isGuess: false };
  }
  return isProof ? { decision: 'open', grant: verdict.grant } : { decision: 'prove-key' };
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
