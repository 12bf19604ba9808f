import { createRequire } from 'node:module';
import { errorCode } from '../../shared/platform/errors.ts';

/**
 * Holds references to ssh2's native ciphers, because garbage-collecting one aborts the process.
 *
 * An addon compiled for Node 24.19 or newer looks up its environment when one of its objects is
 * collected, and there is none at that time. ssh2 frees the contents of a cipher when its connection ends;
 * what stays in memory is the empty object, some hundred bytes each.
 *
 * Must be loaded before ssh2, so import `ssh2.ts` instead of ssh2 itself.
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

const instances = new Set<object>();

const binding = loadBinding();
for (const name of binding === undefined ? [] : CIPHERS) {
  const cipher: unknown = Reflect.get(binding ?? {}, name);
  if (typeof cipher !== 'function') continue;
  Reflect.set(binding ?? {}, name, retained(cipher));
}

function retained<T extends Function>(cipher: T): T {
  return new Proxy(cipher, {
    construct(target, args) {
      const made: object = Reflect.construct(target, args);
      instances.add(made);
      return made;
    },
  });
}

/** undefined where the addon could not be compiled; ssh2 then uses Node's own crypto. */
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
