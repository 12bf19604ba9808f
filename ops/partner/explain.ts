import { admit, admitByPolicy } from '../../shared/decide/admission.ts';
import { handlingOf, judgeSize } from '../../shared/decide/verdict.ts';
import { decideLogin, type LoginSettings } from '../../shared/identity/login/decide-login.ts';
import { homeMappingsOf, objectAt, startOf } from '../../shared/identity/session/home-mappings.ts';
import { UNSCANNABLE_REASONS } from '../../shared/identity/partner/partner-policy.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import {
  MAX_POLICY_CHARACTERS,
  sessionPolicyOf,
} from '../../shared/identity/session/session-policy.ts';
import { sessionPermits } from '../../shared/identity/session/session-permits.ts';

/** One check on the way of a login or an upload. */
export type Step = { readonly step: string; readonly ok: boolean; readonly words: string };

export type Question = {
  readonly protocol: string;
  /** Default: an allowed network. */
  readonly from: string | undefined;
  /** undefined: only the login is checked. */
  readonly put: string | undefined;
  readonly sizeBytes: number;
};

export type ExplainContext = {
  readonly settings: LoginSettings;
  readonly temporarySuffixes: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
};

/**
 * What would happen to a partner's login and to an upload, with the decisions of the identity provider
 * and the ingest. Ends with the first step that stops the upload.
 */
export function explain(
  partner: Partner,
  question: Question,
  context: ExplainContext,
): readonly Step[] {
  const steps = [...logins(partner, question, context)];
  if (question.put === undefined || steps.every(({ ok }) => !ok)) return steps;
  for (const step of upload(partner, question.put, question.sizeBytes, context)) {
    steps.push(step);
    if (!step.ok) break;
  }
  return steps;
}

/** By password and by key; one of them is enough. */
function logins(partner: Partner, question: Question, { settings, now }: ExplainContext): Step[] {
  const { protocol, from = partner.allowedNetworks[0]?.split('/')[0] ?? '' } = question;
  const attempt = (method: string, isRightPassword: true | undefined): Step => {
    const facts = { found: { kind: 'partner', partner }, isRightPassword, now } as const;
    const decision = decideLogin({ protocol, sourceIp: from }, facts, settings);
    const isAllowed = decision.kind === 'allowed';
    return {
      step: `login by ${method}`,
      ok: isAllowed,
      words: isAllowed
        ? `from ${question.from ?? partner.allowedNetworks.join(', ')} over ${protocol}`
        : `${decision.reason}: ${decision.detail}`,
    };
  };
  const methods = [
    ...(partner.password === undefined ? [] : [attempt('password', true)]),
    ...(partner.publicKeys.length === 0 ? [] : [attempt('key', undefined)]),
  ];
  return methods.length > 0
    ? methods
    : [{ step: 'login', ok: false, words: 'the partner has neither a password nor a key' }];
}

function* upload(
  partner: Partner,
  path: string,
  sizeBytes: number,
  { settings, temporarySuffixes }: ExplainContext,
): Generator<Step> {
  const homes = homeMappingsOf(partner, settings.inboxBucket);
  // A relative path is in the folder in which the session begins.
  const start = startOf(partner, settings.inboxBucket).replace(/\/$/, '');
  const object = objectAt(path.startsWith('/') ? path : `${start}/${path}`, homes);
  const step = 'home directory';
  if (object === undefined) {
    const entries = homes.map(({ Entry }) => Entry).join(', ');
    yield { step, ok: false, words: `${path} is in none of them; the partner sees ${entries}` };
    return;
  }
  const { bucket, key } = object;
  yield { step, ok: true, words: `${path} is ${key} in the bucket ${bucket}` };

  const policy = sessionPolicyOf(partner, settings);
  const resource = `arn:${settings.partition}:s3:::${bucket}/${key}`;
  const mayPut = sessionPermits(policy, partner.name)({ action: 's3:PutObject', resource });
  yield {
    step: 'session policy',
    ok: mayPut,
    words: `${mayPut ? 'allows' : 'does not allow'} s3:PutObject (${policy.length} of ${MAX_POLICY_CHARACTERS} characters)`,
  };
  if (bucket !== settings.inboxBucket) {
    yield {
      step: 'inbox',
      ok: false,
      words: `${bucket} is not the inbox: nothing there is scanned or delivered`,
    };
    return;
  }

  const arrival = { bucket, key, sizeBytes, etag: '', versionId: undefined, arrivedAt: 0 };
  const admission = admit(arrival, { inboxBucket: bucket, temporarySuffixes });
  if (admission.kind === 'refuse' || admission.kind === 'skip') {
    yield { step: 'admission', ok: false, words: `${admission.kind}: ${admission.reason}` };
    return;
  }
  yield { step: 'admission', ok: true, words: `as a ${admission.kind}` };
  if (admission.kind === 'file') yield* policyAndScan(partner, key, sizeBytes);
  yield {
    step: 'landing',
    ok: true,
    words: `${admission.landingPath} below the landing root, once it is clean`,
  };
}

function* policyAndScan({ policy }: Partner, key: string, sizeBytes: number): Generator<Step> {
  const admission = admitByPolicy(policy, key, sizeBytes);
  yield admission.kind === 'admit'
    ? { step: 'policy', ok: true, words: 'the name and the size are allowed' }
    : { step: 'policy', ok: false, words: admission.reason };
  const size = judgeSize(sizeBytes);
  if (size !== undefined) {
    const handling = handlingOf(policy, size.reason);
    yield {
      step: 'scan',
      ok: handling === 'deliver',
      words: `${size.reason}: ${size.detail}; ${handling}`,
    };
    return;
  }
  const delivered = UNSCANNABLE_REASONS.filter(
    (reason) => handlingOf(policy, reason) === 'deliver',
  );
  const exceptions = delivered.length === 0 ? '' : `, but delivered if ${delivered.join(', ')}`;
  yield { step: 'scan', ok: true, words: `unscannable files are held${exceptions}` };
}
