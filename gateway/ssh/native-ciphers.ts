import { createRequire } from 'node:module';
import { errorCode } from '../../shared/platform/errors.ts';

/**
 * Keeps ssh2's native ciphers from being collected, because collecting one aborts the process.
 *
 * An addon that was compiled for Node 24.19 or newer asks for its environment when one of its objects is
 * collected, and there is none at that time. ssh2 frees what a cipher holds when its connection ends; what
 * is kept is the empty object, some hundred bytes for each.
 *
 * Must be loaded before ssh2, which is why nobody imports ssh2 but `ssh2.ts`.
 *
 * @see https://github.com/nodejs/node/issues/65446
 * @see https://github.com/mscdex/ssh2/issues/1511
 */
const CIPHERS = [
  'AESGCMCipher',
  'AESGCMDecipher',
  'ChaChaPolyCipher',
  'ChaChaPolyDecipher',
  'GenericCipher',
  'GenericDecipher',
];

const kept = new Set<object>();

const binding = loadBinding();
for (const name of binding === undefined ? [] : CIPHERS) {
  const cipher: unknown = Reflect.get(binding ?? {}, name);
  if (typeof cipher !== 'function') continue;
  Reflect.set(binding ?? {}, name, keeping(cipher));
}

function keeping<T extends Function>(cipher: T): T {
  return new Proxy(cipher, {
    construct(target, words) {
      const made: object = Reflect.construct(target, words);
      kept.add(made);
      return made;
    },
  });
}

/** undefined where there was no compiler; ssh2 then does without. */
function loadBinding(): object | undefined {
  const require = createRequire(import.meta.url);
  try {
    return Object(require('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node'));
  } catch (error) {
    if (errorCode(error) === 'MODULE_NOT_FOUND' || errorCode(error) === 'ERR_DLOPEN_FAILED') {
      return undefined;
    }
    throw error;
  }
}
