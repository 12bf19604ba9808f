import type { Kind } from './inbox.ts';
import type { World } from './world.ts';

const KINDS: readonly Kind[] = [
  ...Array.from({ length: 6 }, () => 'clean' as const),
  'infected',
  'infected',
  'unscannable',
  'unreadable',
];
const KEYS = ['a', 'b', 'c.part'];

/** One deed of a partner: mostly an upload, sometimes a deletion or one half of a rename. */
export function partnerActs(world: World): void {
  const { random, inbox } = world;
  const keys = KEYS.slice(0, world.size.keys);
  const key = random.pick(keys);
  const current = inbox.current(key);
  const dice = random.next();
  if (current !== undefined && dice < 0.1) {
    world.note(`partner deletes ${key}`);
    inbox.delete(key, world.scheduler.now);
  } else if (current !== undefined && dice < 0.25) {
    // A rename over SFTP: the copy takes the tags along, and the old name is deleted at once.
    const to = random.pick(keys);
    const { kind, content, uploadedAt, tags } = current;
    const copy = world.upload(to, kind, content, uploadedAt, tags);
    if (to !== key) inbox.delete(key, world.scheduler.now);
    world.note(`partner renames ${key} to ${to}, now ${copy.versionId}`);
  } else if (current !== undefined && dice < 0.35) {
    const { kind, content } = current;
    const again = world.upload(key, kind, content, time(world));
    world.note(`partner uploads ${key} ${again.versionId} with the same bytes: "${content}"`);
  } else {
    const kind = random.pick(KINDS);
    const content = `${key}, upload ${inbox.uploads.length + 1}: ${kind}`;
    const { versionId } = world.upload(key, kind, content, time(world));
    world.note(`partner uploads ${key} ${versionId}: "${content}"`);
  }
}

/** Mostly in one second; sometimes later, sometimes an upload that had begun earlier. */
function time({ random }: World): number {
  return 1_000_000 + random.pick([0, 0, 0, 1000, -2000]);
}
