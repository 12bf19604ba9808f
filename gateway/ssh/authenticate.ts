import * as v from 'valibot';
import { timingSafeEqual } from 'node:crypto';
import type { Authenticate, Grant, LoginAttempt, Protocol, AuthenticationResult } from './login.ts';
import { homeAt, type Homes, resolvePath } from '../storage/paths.ts';
import { type Permits, sessionPermits } from '../../shared/identity/session/session-permits.ts';

/**
 * What AWS Transfer Family sends to a custom identity provider. An empty password asks for the public keys.
 *
 * @see https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html
 */
export type IdentityRequest = {
  readonly username: string;
  readonly password: string;
  readonly protocol: Protocol;
  readonly serverId: string;
  readonly sourceIp: string;
};

/** Calls the identity provider and returns its answer unvalidated. */
export type Identify = (request: IdentityRequest) => Promise<unknown>;

/** How an identity provider denies a login. */
const Denial = v.strictObject({});

/** `/bucket` or `/bucket/folder`. */
const BucketPath = v.pipe(v.string(), v.regex(/^\/[^/\p{Cc}]+(?:\/[^/\p{Cc}]+)*\/?$/u));

const common = {
  Role: v.pipe(v.string(), v.nonEmpty()),
  Policy: v.optional(v.string()),
  PublicKeys: v.optional(v.array(v.string()), []),
};

/** Transfer Family's two kinds of home directories, of which an answer has one. */
const Answer = v.variant('HomeDirectoryType', [
  v.object({
    ...common,
    HomeDirectoryType: v.literal('LOGICAL'),
    HomeDirectoryDetails: v.pipe(
      v.string(),
      v.parseJson(),
      v.array(
        v.object({
          Entry: v.pipe(v.string(), v.regex(/^\/(?:[^/\p{Cc}]+(?:\/[^/\p{Cc}]+)*)?$/u)),
          Target: BucketPath,
          Type: v.optional(v.literal('DIRECTORY')),
        }),
      ),
      v.nonEmpty(),
    ),
    HomeDirectory: v.optional(v.undefined()),
  }),
  v.object({
    ...common,
    // Transfer's default.
    HomeDirectoryType: v.optional(v.literal('PATH')),
    HomeDirectory: BucketPath,
    HomeDirectoryDetails: v.optional(v.undefined()),
  }),
]);
type Answer = v.InferOutput<typeof Answer>;

export type AuthenticatorOptions = {
  readonly identify: Identify;
  readonly serverId: string;
  /** The identity provider is asked for each; one that is allowed suffices to log in. */
  readonly protocols: readonly Protocol[];
};

/**
 * Authentication as AWS Transfer Family does it with a custom identity provider: with a password the
 * provider decides; with a key it returns the allowed keys, and the server compares. Each attempt asks again,
 * for each protocol; nothing is cached.
 */
export function createAuthenticator({
  identify,
  serverId,
  protocols,
}: AuthenticatorOptions): Authenticate {
  return async (attempt) => {
    const results = await Promise.all(
      protocols.map(async (protocol) => {
        const request = { ...requestOf(attempt), protocol, serverId };
        return evaluateAnswer(await identify(request), attempt, protocol);
      }),
    );
    const grants = results.flatMap((result) => ('grant' in result ? [result.grant] : []));
    const [grant] = grants;
    if (grant === undefined) return results[0] ?? { refused: 'denied' };
    return { grant: { ...grant, protocols: grants.flatMap((each) => each.protocols) } };
  };
}

function requestOf(attempt: LoginAttempt) {
  const { username, sourceIp } = attempt;
  const password = attempt.method === 'password' ? attempt.password : '';
  return { username, password, sourceIp };
}

function evaluateAnswer(
  raw: unknown,
  attempt: LoginAttempt,
  protocol: Protocol,
): AuthenticationResult {
  if (raw === undefined || raw === null || v.is(Denial, raw)) return { refused: 'denied' };
  const answer = v.safeParse(Answer, raw);
  if (!answer.success) return { refused: 'answer-not-understood' };
  if (attempt.method === 'publickey' && !includesKey(answer.output.PublicKeys, attempt.key)) {
    return { refused: 'key-not-listed' };
  }
  return { grant: grantOf(answer.output, attempt.username, protocol) };
}

function grantOf(answer: Answer, username: string, protocol: Protocol): Grant {
  return {
    username,
    homes: homesOf(answer),
    permits: permitsOf(answer, username),
    protocols: [protocol],
  };
}

function homesOf(answer: Answer): Homes {
  if (answer.HomeDirectoryType !== 'LOGICAL') {
    return { kind: 'path', start: resolvePath(answer.HomeDirectory) };
  }
  const homes = answer.HomeDirectoryDetails.map((it) => homeAt(it.Entry, it.Target));
  return { kind: 'logical', homes };
}

/**
 * Without a session policy only the role limits a session: here, the server's own credentials. Then a session with
 * logical homes is limited by them, and one with real paths to its home.
 */
function permitsOf(answer: Answer, username: string): Permits {
  if (answer.Policy !== undefined) return sessionPermits(answer.Policy, username);
  if (answer.HomeDirectoryType === 'LOGICAL') return () => true;
  const { bucket, prefix } = homeAt('/', answer.HomeDirectory);
  const arn = `arn:aws:s3:::${bucket}`;
  return ({ resource, prefix: listed }) =>
    listed === undefined
      ? resource.startsWith(`${arn}/${prefix}`)
      : resource === arn && listed.startsWith(prefix);
}

/** @param publicKeys lines as in `authorized_keys` */
function includesKey(publicKeys: readonly string[], key: Buffer): boolean {
  return publicKeys.some((line) => {
    const [, base64 = ''] = line.trim().split(/\s+/);
    const listed = Buffer.from(base64, 'base64');
    return listed.length === key.length && timingSafeEqual(listed, key);
  });
}
