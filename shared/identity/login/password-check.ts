import { createHmac, randomBytes } from 'node:crypto';
import { isPassword, type PasswordHash } from '../partner/password.ts';

/** Whether a password is the one that is stored; `stored` is undefined for nobody, whom none opens. */
export type PasswordCheck = (
  name: string,
  password: string,
  stored: PasswordHash | undefined,
) => Promise<boolean>;

const REMEMBERED = 1000;

/**
 * Checks passwords, and remembers for a while which were right, because the clients of partners log in
 * again every few minutes, and a check costs 100 ms on purpose. What is remembered is an HMAC under a
 * key that never leaves the process, and is bound to the stored hash, so a new password ends it.
 *
 * Only a right password is answered fast, which tells its sender nothing new: wrong ones, unknown
 * names and partners without a password all cost one full check.
 */
export function rememberingPasswordCheck(options: {
  readonly forMs: number;
  readonly now?: () => number;
  readonly check?: (password: string, stored: PasswordHash | undefined) => Promise<boolean>;
}): PasswordCheck {
  const { forMs, now = Date.now, check = isPassword } = options;
  const secret = randomBytes(32);
  const rightUntil = new Map<string, number>();
  return async (name, password, stored) => {
    const id = createHmac('sha256', secret)
      .update(JSON.stringify([name, stored?.hash, password]))
      .digest('base64');
    if ((rightUntil.get(id) ?? 0) > now()) return true;
    rightUntil.delete(id);
    const isRight = await check(password, stored);
    if (!isRight) return false;
    rightUntil.set(id, now() + forMs);
    const [oldest] = rightUntil.keys();
    if (rightUntil.size > REMEMBERED && oldest !== undefined) rightUntil.delete(oldest);
    return true;
  };
}
