import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installation, startInstallation } from '../support/installation.ts';
import { runPartnerCommand } from '../support/partner-command.ts';
import { aKeyPair, aPartner } from '../support/partners.ts';

const USAGE = 2;
const NO = 3;

let airlock: Installation;
beforeAll(async () => {
  airlock = await startInstallation();
  const { publicKey } = aKeyPair();
  const { publicKey: other } = aKeyPair();
  const keys = [
    { key: publicKey, comment: 'same' },
    { key: other, comment: 'same' },
  ];
  const documents = {
    acme: aPartner({ publicKeys: keys }),
    globex: aPartner({ name: 'globex', landingPrefix: 'globex/' }),
    broken: { version: 1, name: 'broken' },
  };
  for (const [name, document] of Object.entries(documents)) {
    await airlock.s3.send(
      new PutObjectCommand({
        Bucket: airlock.configBucket,
        Key: `partners/${name}.json`,
        Body: JSON.stringify(document),
      }),
    );
  }
  const { privateKey } = aKeyPair();
  const files = {
    'one.pub': `${publicKey} one`,
    'two.pub': `${publicKey} one\n${other} other`,
    'options.pub': `no-pty ${publicKey}`,
    'cut.pub': publicKey.slice(0, 40),
    'dss.pub': 'ssh-dss AAAAB3NzaC1kc3MAAACB',
    'empty.pub': '',
    private: privateKey,
    'list.json': '[]',
    'text.json': 'name: acme',
    'other.json': JSON.stringify(aPartner({ name: 'other' })),
    'unknown.json': JSON.stringify({ ...aPartner(), colour: 'red' }),
  };
  await mkdir(join(airlock.home, 'folder'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(airlock.home, name), text);
});
afterAll(() => airlock[Symbol.asyncDispose]());

/** Words of a command, its exit code, and what its error output says first; `@` stands for the folder of files. */
type Case = readonly [words: string, code: number, says: string];

const NOBODY = 'ops: there is no partner "nobody"';
const BROKEN = 'ops: the document of "broken" is not valid';

/** What every command about one partner has in common. */
function common(verb: string, rest = ''): Case[] {
  return [
    [`${verb} nobody${rest}`, NO, NOBODY],
    [`${verb} ACME${rest}`, NO, 'ops: there is no partner "ACME"'],
    [`${verb} acme/${rest}`, NO, 'ops: there is no partner "acme/"'],
    [`${verb} acme.json${rest}`, NO, 'ops: there is no partner "acme.json"'],
    [`${verb} ../acme${rest}`, NO, 'ops: there is no partner "../acme"'],
    [verb, USAGE, "error: missing required argument 'name'"],
    [`${verb} acme${rest} more`, USAGE, `error: too many arguments for '${verb}'`],
    [`${verb} acme${rest} --colour red`, USAGE, "error: unknown option '--colour'"],
    [`${verb} acme${rest} -x`, USAGE, "error: unknown option '-x'"],
  ];
}

function acts(verb: string, rest = ''): Case[] {
  return [
    ...common(verb, rest),
    [`${verb} acme${rest} --reason`, USAGE, "error: option '--reason <text>' argument missing"],
    [`${verb} acme${rest} --reason=`, USAGE, 'ops: --reason must have 1 to 1000 characters'],
  ];
}

const CASES: Readonly<Record<string, readonly Case[]>> = {
  add: [
    ['add', USAGE, "error: missing required argument 'name'"],
    ['add x!', NO, 'name must be 3 to 100 of'],
    ['add acme', NO, 'ops: there is already a partner "acme"'],
    ['add Acme', NO, 'ops: "Acme" differs from the partner "acme" in case only'],
    ['add new --key @/missing', NO, 'ops: @/missing cannot be read'],
    ['add new --key @/folder', NO, 'ops: @/folder cannot be read'],
    ['add new --key @/private', NO, 'ops: @/private is a private key'],
    ['add new --key @/empty.pub', NO, 'ops: @/empty.pub holds no key'],
    ['add new --key @/options.pub', NO, 'ops: @/options.pub in line 1 begins with options'],
    ['add new --key @/cut.pub', NO, 'ops: @/cut.pub in line 1 is damaged'],
    ['add new --key @/dss.pub', NO, 'ops: @/dss.pub in line 1 has the type "ssh-dss"'],
    ['add new --document @/list.json', NO, 'ops: the document is not a JSON object'],
    ['add new --document @/text.json', NO, 'ops: the document is not a JSON object'],
    ['add new --document @/unknown.json', NO, 'colour is not known'],
    ['add new --password-stdin --key -', USAGE, 'ops: standard input was given for more than one'],
    [
      'add new --password-stdin --generate-password',
      USAGE,
      'ops: --password-stdin and --generate-password were both given',
    ],
    ['add new --network 192.0.2.0/33', NO, 'allowedNetworks.0 must be an address or a network'],
    ['add new --protocol FTP', NO, 'protocols.0 must be "SFTP" or "SCP"'],
    ['add new --space mine', NO, 'space must be "tenant"'],
    ['add new --prefix acme/in', NO, 'ops: "new" would share a folder with another tenant'],
    ['add new --prefix ../x', NO, 'landingPrefix must be a folder like acme/'],
    ['add new --home-directory /in', USAGE, "error: option '--home-directory <entry=target>'"],
    ['add new --home-path in', NO, 'homePath must be /bucket'],
    ['add new --home-path /${inbox}/acme', NO, 'ops: "new" would upload outside its folder'],
    ['add new --max-size ten', USAGE, 'ops: "ten" is not a size'],
    ['add new --max-size 0', NO, 'policy.maxSizeBytes must be 1 or more'],
    ['add new --max-size 1.2345KB', USAGE, 'ops: "1.2345KB" is not a whole number of bytes'],
    ['add new --allow CSV', NO, 'policy.allowedExtensions.0 must be an extension'],
    ['add new --deliver boredom', NO, 'policy.unscannable.boredom must be one of'],
    ['add new --contact <a@b>', USAGE, "error: option '--contact <contact>'"],
  ],
  list: [
    ['list acme', USAGE, "error: too many arguments for 'list'"],
    ['list --all', USAGE, "error: unknown option '--all'"],
    ['list -l', USAGE, "error: unknown option '-l'"],
    ['list --json=1', USAGE, "error: unknown option '--json=1'"],
    ['list --stack', USAGE, "error: option '--stack <name>' argument missing"],
    ['list --home', USAGE, "error: option '--home <directory>' argument missing"],
    ['list --stack x', USAGE, 'ops: --home and --stack were both given'],
    ['list --home @/missing', 1, 'ops: no Airlock runs on this machine'],
    ['lists', USAGE, "error: unknown command 'lists'"],
    ['List', USAGE, "error: unknown command 'List'"],
  ],
  show: [...common('show'), ['show broken', NO, BROKEN]],
  change: [
    ...acts('change', ' --max-size 1'),
    ['change acme', USAGE, 'ops: nothing to change was given'],
    ['change acme --reason because', USAGE, 'ops: nothing to change was given'],
    ['change broken --max-size 1', NO, BROKEN],
    ['change acme --unset colour', USAGE, "error: option '--unset <setting>' argument 'colour'"],
    [
      'change acme --unset --refuse',
      USAGE,
      "error: option '--unset <setting>' argument '--refuse'",
    ],
    [
      'change acme --max-size 1 --unset max-size',
      USAGE,
      'ops: --max-size and --unset max-size were',
    ],
    ['change acme --refuse none', NO, 'policy.refusedExtensions.0 must be an extension'],
    ['change acme --deliver none', NO, 'policy.unscannable.none must be one of'],
    ['change acme --prefix=', NO, 'landingPrefix must not be empty for a tenant'],
    ['change acme --prefix globex', NO, 'ops: "acme" would share a folder with another tenant'],
    ['change acme --document @/other.json', NO, 'ops: the document\'s name is "other", not "acme"'],
    ['change acme --document @/unknown.json', NO, 'colour is not known'],
    ['change acme --document @/missing', NO, 'ops: @/missing cannot be read'],
  ],
  edit: [...acts('edit'), ['edit broken', NO, BROKEN]],
  disable: [...acts('disable'), ['disable broken', NO, BROKEN]],
  enable: [...acts('enable'), ['enable broken', NO, BROKEN]],
  remove: acts('remove'),
  'set-password': [
    ...acts('set-password'),
    ['set-password acme --none --password-stdin', USAGE, 'ops: --password-stdin and --none were'],
    ['set-password broken', NO, BROKEN],
  ],
  'add-key': [
    ...acts('add-key', ' @/one.pub'),
    ['add-key acme', USAGE, "error: missing required argument 'file'"],
    ['add-key acme @/missing', NO, 'ops: @/missing cannot be read'],
    ['add-key acme @/private', NO, 'ops: @/private is a private key'],
    ['add-key acme @/empty.pub', NO, 'ops: @/empty.pub holds no key'],
    ['add-key acme @/two.pub --comment x', USAGE, 'ops: --comment was given for 2 keys'],
    ['add-key acme @/one.pub --expires 2001-01-31', USAGE, 'ops: --expires 2001-01-31 is past'],
    ['add-key acme @/one.pub --expires 2099-02-30', USAGE, 'ops: --expires "2099-02-30" is not'],
    ['add-key acme @/one.pub --expires tomorrow', USAGE, 'ops: --expires "tomorrow" is not a time'],
    ['add-key acme @/one.pub --expires 2099-1-1', USAGE, 'ops: --expires "2099-1-1" is not a time'],
  ],
  'remove-key': [
    ...acts('remove-key', ' same'),
    ['remove-key acme', USAGE, "error: missing required argument 'key'"],
    ['remove-key acme same', NO, 'ops: "acme" has 2 keys with the comment "same"'],
    ['remove-key acme SHA256:nonsense', NO, 'ops: "acme" has no key "SHA256:nonsense"'],
  ],
  check: [
    ...common('check'),
    ['check broken', NO, BROKEN],
    ['check acme --from somewhere', USAGE, 'ops: --from "somewhere" is not an address'],
    ['check acme --from 192.0.2.0/24', USAGE, 'ops: --from "192.0.2.0/24" is not an address'],
    ['check acme --protocol FTP', USAGE, "error: option '--protocol <protocol>' argument 'FTP'"],
    ['check acme --put=', USAGE, 'ops: --put is empty'],
    ['check acme --size 5', USAGE, 'ops: --size was given without --put'],
    ['check acme --put /a --size -5', USAGE, 'ops: "-5" is not a size'],
    ['check acme --put /a --size', USAGE, "error: option '--size <size>' argument missing"],
  ],
};

describe.each(Object.entries(CASES))('partner %s', (_verb, cases) => {
  test('has ten wrong inputs here', () => {
    expect(cases.length).toBeGreaterThanOrEqual(10);
  });

  test.each(cases)('%s: exit code %i, and "%s"', async (words, code, says) => {
    const inFolder = (text: string) => text.replaceAll('@', airlock.home);
    const run = await runPartnerCommand(airlock.home, words.split(' ').map(inFolder));
    expect(run).toMatchObject({ code, stdout: '' });
    // All problems of a document are listed below its first line; everything else is said in the first.
    const first = run.stderr.startsWith('ops: the document is not valid') ? 3 : 1;
    expect(run.stderr.split('\n').slice(0, first).join('\n')).toContain(inFolder(says));
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });
});

test('none of this has written anything', async () => {
  const { Versions = [], DeleteMarkers = [] } = await airlock.s3.send(
    new ListObjectVersionsCommand({ Bucket: airlock.configBucket }),
  );
  expect([Versions.length, DeleteMarkers]).toEqual([3, []]);
});
