import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Whether an unreferenced native cipher is garbage-collected; `none` where the addon was not compiled. */
const SCRIPT = `
const { createRequire } = await import('node:module');
await import(process.argv[1]);
const require = createRequire(process.argv[2]);
let made;
try {
  const { ChaChaPolyCipher } = require('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');
  made = new WeakRef(new ChaChaPolyCipher(Buffer.alloc(64)));
} catch {}
await new Promise((resolve) => setTimeout(resolve, 10));
gc();
process.stdout.write(made === undefined ? 'none' : made.deref() === undefined ? 'collected' : 'kept');
`;

function fateOfCipher(module: string): string {
  const words = ['--expose-gc', '--input-type=module', '-e', SCRIPT, module, import.meta.url];
  return spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout;
}

test('native ciphers are never garbage-collected, which would abort the process', () => {
  const ours = new URL('../../gateway/ssh/ssh2.ts', import.meta.url).href;
  const fate = fateOfCipher(ours);
  expect(['kept', 'none']).toContain(fate);
  // With plain ssh2 they are collected. Once that changes, native-ciphers.ts can be removed.
  expect(fateOfCipher('ssh2')).toBe(fate === 'kept' ? 'collected' : 'none');
});
