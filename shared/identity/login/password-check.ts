import { createHmac, randomBytes } from 'node:crypto';
import { isPassword, type PasswordHash } from '../partner/password.ts';

/** Whether a password matches the stored hash; never if `stored` is undefined. */
export type PasswordCheck = (
  name: string,
  password: string,
  stored: PasswordHash | undefined,
) => Promise<boolean>;

const MAX_REMEMBERED = 1000;

/**
 * Checks passwords, and caches for a while which were right: partners' clients log in again every few
 * minutes, and a check takes 100 ms by design. The cache holds HMACs under a key that never leaves
 * the process, bound to the stored hash, so a new password invalidates them.
 *
 * Only a right password is answered fast, which reveals nothing to its sender: wrong ones, unknown
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
    if (rightUntil.size > MAX_REMEMBERED && oldest !== undefined) rightUntil.delete(oldest);
    return true;
  };
}
