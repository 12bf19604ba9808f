import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type Mutant = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
};

const PIPELINE = 'shared/pipeline';

/**
 * Plausible mistakes; the model must catch each. Two more need so rare a schedule that only
 * the schedules by hand catch them: not looking again when the upload has left the inbox, and a sweep
 * that does not check which upload has landed.
 */
const MUTANTS: readonly Mutant[] = [
  {
    name: 'settle before announcing',
    file: `${PIPELINE}/ingest-object.ts`,
    find: 'const concluded = await examine(opened, admission, attempt, ports);',
    replace:
      'const concluded = await examine(opened, admission, attempt, ports); await settle(object, concluded, attempt, ports);',
  },
  {
    name: 'announce again what is delivered again',
    file: `${PIPELINE}/ingest-object.ts`,
    find: "return isRedelivery && kind === 'delivered';",
    replace: "return isRedelivery && kind !== 'delivered';",
  },
  {
    name: 'one notice id for all refusals of an upload',
    file: 'shared/notify/notice.ts',
    find: "return DISPOSITION[code] === 'retry' ? [code] : [code, reason];",
    replace: 'return [];',
  },
  {
    name: 'never look again after landing',
    file: `${PIPELINE}/ingest-object.ts`,
    find: "if (admission.kind === 'file')",
    replace: 'if (false)',
  },
  {
    name: 'do not look again when the upload is settled already',
    file: `${PIPELINE}/ingest-object.ts`,
    find: "if (admission.kind === 'file')",
    replace: "if (admission.kind === 'file' && outcome.kind !== 'duplicate')",
  },
  {
    name: 'do not look again when the upload is itself the newest',
    file: `${PIPELINE}/landing-order.ts`,
    find: 'attempt.isRedelivery && isSameUpload',
    replace: 'isSameUpload',
  },
  {
    name: 'land before scanning',
    file: `${PIPELINE}/ingest-object.ts`,
    find: 'const verdict = await judgeStaged(',
    replace:
      'await ports.landing.commit(staged, landingPath, object.uploadedAt, attempt.signal); const verdict = await judgeStaged(',
  },
  {
    name: 'leave what was quarantined in the inbox',
    file: `${PIPELINE}/ingest-object.ts`,
    find: 'await settler.remove(object, signal);',
    replace: '',
  },
  {
    name: 'announce what is not in quarantine yet',
    file: `${PIPELINE}/quarantine.ts`,
    find: 'await ports.quarantine.keep(object, evidence, attempt.signal);',
    replace: '',
  },
  {
    name: 'settling tags not bound to the upload',
    file: 'shared/inbox/ledger-tags.ts',
    find: `    key,
    versionOf({ versionId, etag }),`,
    replace: '    etag,',
  },
  {
    name: 'land a late older upload over a delivered one and call it delivered',
    file: `${PIPELINE}/landing-order.ts`,
    find: "return 'newer upload';",
    replace: 'return undefined;',
  },
  {
    name: 'an upload is superseded by one that may not be clean',
    file: `${PIPELINE}/landing-order.ts`,
    find: "if (wasDelivered(change.upload, await change.readTags())) return 'newer upload';",
    replace: "return 'newer upload';",
  },
  {
    name: 'land what was deleted meanwhile',
    file: `${PIPELINE}/landing-order.ts`,
    find: "if (change.kind === 'deletion') return 'deletion';",
    replace: "if (change.kind === 'deletion') continue;",
  },
  {
    name: 'call superseded what has landed',
    file: `${PIPELINE}/landing-order.ts`,
    find: "landed === 'same' ?",
    replace: 'false ?',
  },
  {
    name: 'files of one second cannot be told apart',
    file: `${PIPELINE}/landing-order.ts`,
    find: '+ mark + 1',
    replace: '',
  },
  {
    name: 'one notice id for all uploads of a key',
    file: 'shared/notify/notice.ts',
    find: ', versionOf(arrival)]',
    replace: ']',
  },
  {
    name: 'open the current version, not the one that arrived',
    file: 'test/model/ports.ts',
    find: 'const look = (): Version | undefined => find(arrival);',
    replace: 'const look = () => inbox.current(arrival.key);',
  },
  {
    name: 'open the one that arrived only while it is current (If-Match)',
    file: 'test/model/ports.ts',
    find: 'const look = (): Version | undefined => find(arrival);',
    replace:
      'const look = () => inbox.current(arrival.key) === find(arrival) ? find(arrival) : undefined;',
  },
  {
    name: 'sweep only the current version of each key',
    file: 'test/model/ports.ts',
    find: 'for (const version of all) {',
    replace: 'for (const version of all) { if (inbox.current(version.key) !== version) continue;',
  },
];

/** Plays every mutant until the model catches it, and prints a table. @returns how many were not caught */
export async function playMutants(count: number, named = ''): Promise<number> {
  let survivors = 0;
  for (const mutant of MUTANTS.filter(({ name }) => name.includes(named))) {
    const seed = await seedThatCatches(mutant, count);
    if (seed === undefined) survivors += 1;
    process.stdout.write(`${seed === undefined ? 'NOT CAUGHT' : `seed ${seed}`}\t${mutant.name}\n`);
  }
  return survivors;
}

async function seedThatCatches(mutant: Mutant, count: number): Promise<number | undefined> {
  await using copy = await temporaryDirectory();
  for (const folder of ['shared', 'test/model', 'test/support']) {
    await cp(folder, join(copy.path, folder), { recursive: true });
  }
  await symlink(join(process.cwd(), 'node_modules'), join(copy.path, 'node_modules'));
  await writeFile(join(copy.path, 'package.json'), '{"type":"module"}');
  const file = join(copy.path, mutant.file);
  const source = await readFile(file, 'utf8');
  if (source.split(mutant.find).length !== 2) throw new Error(`${mutant.name}: not found once`);
  await writeFile(file, source.replace(mutant.find, mutant.replace));

  const run = promisify(execFile);
  const search = ['test/model/soak.ts', 'first-breaking', String(count)];
  const { stdout } = await run('node', search, { cwd: copy.path });
  return stdout.trim() === '' ? undefined : Number(stdout);
}
