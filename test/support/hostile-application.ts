/**
 * An application that has run wild in the landing tree: replaces folders and files by links, pipes and
 * each other, as fast as it can, until it is told to stop. Arguments: the landing root, a folder
 * outside that links lead to, a pipe, a seed.
 */
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , root = '', outside = '', pipe = '', seed = '0'] = process.argv;
const FOLDERS = ['a', 'a/b', 'a/b/c'];
const TARGETS = [...FOLDERS, 'a/file', 'a/b/c/file'];

let state = Number(seed);
const random = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
};
let count = 0;

const deeds: readonly ((path: string) => void)[] = [
  // Aside, within the landing tree: what lands in there has landed.
  (path) => {
    const aside = join(root, `aside-${(count += 1) % 10}`);
    rmSync(aside, { recursive: true, force: true });
    renameSync(path, aside);
  },
  (path) => rmSync(path, { recursive: true, force: true }),
  (path) => mkdirSync(path, { recursive: true }),
  (path) => symlinkSync(outside, path),
  (path) => symlinkSync(join(outside, 'not-there'), path),
  (path) => linkSync(pipe, path),
  (path) => writeFileSync(path, 'mine', { flag: 'wx' }),
];

for (const end of ['message', 'disconnect']) process.on(end, () => process.exit());
function act(): void {
  const path = join(root, TARGETS[random(TARGETS.length)] ?? '');
  try {
    // A swap is two deeds without a pause.
    if (random(2) === 0) deeds[0]?.(path);
    deeds[random(deeds.length)]?.(path);
  } catch {
    // Something else was there.
  }
  setImmediate(act);
}
act();
process.send?.('started');
