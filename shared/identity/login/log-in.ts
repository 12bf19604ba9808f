import type { Log } from '../../platform/log.ts';
import type { PasswordHash } from '../partner/password.ts';
import type { PartnerDirectory, PartnerLookup } from '../partner/partner-directory.ts';
import { decideLogin, type LoginDecision, type LoginSettings } from './decide-login.ts';
import type { GuessWindow } from './guess-window.ts';
import type { PasswordMemory } from './password-memory.ts';
import { DENIED, type Denied, type LoginAnswer, type LoginRequest } from './transfer-login.ts';

/** The longest valid user name. */
const LOGGED_CHARACTERS = 100;

export type LoginPorts = {
  readonly directory: PartnerDirectory;
  /** Takes the same time whatever the outcome, also without a stored hash; `isPassword`. */
  readonly checkPassword: (password: string, stored: PasswordHash | undefined) => Promise<boolean>;
  readonly memory: PasswordMemory;
  /** By address; undefined where the server in front counts guesses itself. */
  readonly guesses: GuessWindow | undefined;
  readonly settings: LoginSettings;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/**
 * Answers one login. Never throws: if it cannot be decided, it is denied and logged as an error.
 *
 * Every denied login by password costs exactly one check of a password, whatever the reason: unknown name,
 * disabled partner, wrong network, unreadable document. So neither the answer nor its time tells whether the
 * name exists or the password was right.
 *
 * Logged: who, from where, how, and the reason; never a password, a hash or the answer.
 */
export async function logIn(
  request: LoginRequest,
  ports: LoginPorts,
): Promise<LoginAnswer | Denied> {
  const { username, password, protocol, serverId, sourceIp } = request;
  const isByKey = password === '';
  const log = ports.log.with({
    username: username.slice(0, LOGGED_CHARACTERS),
    sourceIp,
    protocol,
    serverId,
    method: isByKey ? 'key' : 'password',
  });
  try {
    const decision = isByKey
      ? await decideByKey(request, ports)
      : await decideByPassword(request, ports);
    if (decision.kind === 'allowed') {
      log.info('login allowed');
      return decision.answer;
    }
    const { reason, detail, isOurs } = decision;
    if (isOurs) log.error('login denied', new Error(detail), { reason });
    else log.warn('login denied', { reason, detail });
  } catch (error) {
    log.error('login denied', error, { reason: 'partner-unreadable' });
  }
  return DENIED;
}

async function decideByKey(request: LoginRequest, ports: LoginPorts): Promise<LoginDecision> {
  const found = await ports.directory.find(request.username);
  return decideLogin(
    request,
    { found, isRightPassword: undefined, now: ports.now() },
    ports.settings,
  );
}

/** Counts the guess before it is judged, so that guesses made at once count as many. */
async function decideByPassword(request: LoginRequest, ports: LoginPorts): Promise<LoginDecision> {
  const { guesses } = ports;
  const { sourceIp } = request;
  if (guesses?.isFull(sourceIp)) {
    const detail = `${sourceIp} has sent too many wrong passwords`;
    return { kind: 'denied', reason: 'too-many-guesses', detail, isOurs: false };
  }
  guesses?.add(sourceIp);
  const decision = await judgePassword(request, ports);
  if (decision.kind === 'allowed') guesses?.takeBack(sourceIp);
  return decision;
}

async function judgePassword(request: LoginRequest, ports: LoginPorts): Promise<LoginDecision> {
  const { username, password } = request;
  const { directory, checkPassword, memory, settings } = ports;
  const now = ports.now();
  let found: PartnerLookup;
  try {
    found = await directory.find(username);
  } catch (error) {
    await checkPassword(password, undefined);
    throw error;
  }
  const stored = found.kind === 'partner' ? found.partner.password : undefined;
  const ifRight = decideLogin(request, { found, isRightPassword: true, now }, settings);
  const mayBeIn = ifRight.kind === 'allowed' && stored !== undefined;
  if (mayBeIn && memory.has(username, password, stored)) return ifRight;
  const isRightPassword = await checkPassword(password, stored);
  if (mayBeIn && isRightPassword) {
    memory.add(username, password, stored);
    return ifRight;
  }
  return decideLogin(request, { found, isRightPassword, now }, settings);
}
