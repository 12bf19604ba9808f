import type { Log } from '../../platform/log.ts';
import { decideLogin, type LoginSettings } from './decide-login.ts';
import type { PartnerDirectory } from '../partner/partner-directory.ts';
import type { PasswordCheck } from './password-check.ts';
import { DENIED, type Denied, type LoginAnswer, type LoginRequest } from './transfer-login.ts';

/** The longest valid user name. */
const LOGGED_CHARACTERS = 100;

export type LoginPorts = {
  readonly directory: PartnerDirectory;
  readonly checkPassword: PasswordCheck;
  readonly settings: LoginSettings;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/**
 * Answers one login. Never throws: if it cannot be decided, it is denied and logged as an error.
 *
 * The password is checked before all else, even for unknown names, so that timing reveals nothing.
 * Logged: who, from where, how, and the reason; never a password, a hash or the answer.
 */
export async function logIn(
  request: LoginRequest,
  ports: LoginPorts,
): Promise<LoginAnswer | Denied> {
  const { username, password, protocol, serverId, sourceIp } = request;
  const method = password === '' ? 'key' : 'password';
  const log = ports.log.with({
    username: username.slice(0, LOGGED_CHARACTERS),
    sourceIp,
    protocol,
    serverId,
    method,
  });
  try {
    const found = await ports.directory.find(username);
    const stored = found.kind === 'partner' ? found.partner.password : undefined;
    const isRightPassword =
      method === 'key' ? undefined : await ports.checkPassword(username, password, stored);
    const facts = { found, isRightPassword, now: ports.now() };
    const decision = decideLogin(request, facts, ports.settings);
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
