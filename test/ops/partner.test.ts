import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { isPassword } from '../../shared/identity/partner/password.ts';
import { fingerprintOf } from '../../shared/identity/partner/public-key.ts';
import { runPartnerCommand } from '../support/partner-command.ts';
import {
  type Installation,
  type OpsRun,
  runOps,
  startInstallation,
} from '../support/installation.ts';
import { aKeyPair, aPartner } from '../support/partners.ts';

let airlock: Installation;
beforeAll(async () => {
  airlock = await startInstallation();
});
afterAll(() => airlock[Symbol.asyncDispose]());

/** As a process of its own where it reads standard input; else in this one, which is much faster. */
function run(words: string, input?: string): Promise<OpsRun> {
  const all = words.split(' ');
  return input === undefined
    ? runPartnerCommand(airlock.home, all)
    : airlock.ops(['partner', ...all], input);
}

/** Runs `partner ...`, which must succeed. @returns its output */
async function partner(words: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(words, input);
  expect([code, stderr]).toEqual([0, stderr]);
  return stdout;
}

/** Runs `partner ...`, which must fail. @returns exit code and error output */
async function refusal(words: string, input?: string): Promise<[number, string]> {
  const { code, stdout, stderr } = await run(words, input);
  return [code, stderr + stdout];
}

async function stored(name: string): Promise<Partner> {
  const { Body } = await airlock.s3.send(
    new GetObjectCommand({ Bucket: airlock.configBucket, Key: `partners/${name}.json` }),
  );
  return JSON.parse((await Body?.transformToString()) ?? '');
}

async function put(name: string, Body: string): Promise<void> {
  await airlock.s3.send(
    new PutObjectCommand({ Bucket: airlock.configBucket, Key: `partners/${name}.json`, Body }),
  );
}

test('a partner is added with a generated password that is shown once, and kept as a hash', async () => {
  const printed = await partner('add generated');
  const [, password = ''] = /password {2}(\S+)/.exec(printed) ?? [];
  expect(password).toMatch(/^([a-hj-km-np-z2-9]{5}-){3}[a-hj-km-np-z2-9]{5}$/);
  const document = await stored('generated');
  expect(await isPassword(password, document.password)).toBe(true);
  expect(JSON.stringify(document)).not.toContain(password);
  expect(document).toMatchObject({ enabled: true, space: 'tenant', landingPrefix: 'generated/' });

  for (const words of ['show generated', 'list', 'show generated --json', 'list --json']) {
    const shown = await partner(words);
    expect(shown).not.toContain(document.password?.hash);
    expect(shown).not.toContain(document.password?.salt);
  }
});

test('a partner is added with a key and every option', async () => {
  const { publicKey } = aKeyPair();
  const file = join(airlock.home, 'ada.pub');
  await writeFile(file, `${publicKey} ada@lovelace\n`);
  const words = [
    `add globex --key ${file} --display-name Globex --network 192.0.2.0/24 --network 2001:db8::/32`,
    '--protocol SFTP --prefix in/globex --max-size 1000 --allow .csv --refuse .exe --deliver encrypted',
    '--contact Ada<ada@example.com> --json',
  ].join(' ');
  const printed = JSON.parse(await partner(words));
  expect(printed).toEqual({
    name: 'globex',
    landingPrefix: 'in/globex/',
    fingerprints: [fingerprintOf(publicKey)],
  });
  expect(await stored('globex')).toEqual(
    aPartner({
      name: 'globex',
      displayName: 'Globex',
      publicKeys: [{ key: publicKey, comment: 'ada@lovelace' }],
      allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
      protocols: ['SFTP'],
      landingPrefix: 'in/globex/',
      policy: {
        unscannable: { encrypted: 'deliver' },
        maxSizeBytes: 1000,
        allowedExtensions: ['.csv'],
        refusedExtensions: ['.exe'],
      },
      contacts: [{ name: 'Ada', email: 'ada@example.com' }],
    }),
  );
});

test('a password comes from standard input, and a short one is rejected', async () => {
  const [code, said] = await refusal('add piped --password-stdin', 'too short\n');
  expect([code, said]).toEqual([
    3,
    expect.stringContaining('it has 9 characters; the minimum is 15'),
  ]);
  const printed = await partner('add piped --password-stdin', 'correct horse battery\n');
  expect(printed).not.toContain('correct horse');
  expect(await isPassword('correct horse battery', (await stored('piped')).password)).toBe(true);
});

test('all errors of a new partner are reported at once, and nothing is written', async () => {
  const [code, said] = await refusal(
    'add x! --network 1.2.3 --space mine --refuse EXE --generate-password',
  );
  expect(code).toBe(3);
  for (const path of ['name', 'allowedNetworks.0', 'space', 'policy.refusedExtensions.0']) {
    expect(said).toContain(`  ${path} must be `);
  }
  const { Contents = [] } = await airlock.s3.send(
    new ListObjectsV2Command({ Bucket: airlock.configBucket, Prefix: 'partners/x' }),
  );
  expect(Contents).toEqual([]);
});

test('a session policy that Transfer would reject is rejected here, not at the login', async () => {
  const homes = Array.from({ length: 30 }, (_, index) => [
    '--home-directory',
    `/home-${index}=/\${inbox}/wordy/${'x'.repeat(40)}-${index}`,
  ]).flat();
  const { code, stderr } = await airlock.ops(['partner', 'add', 'wordy', ...homes]);
  expect([code, stderr]).toEqual([3, expect.stringContaining('Transfer Family accepts 2048')]);
});

test('a partner can only upload into its own folder, whatever its home directories', async () => {
  const at = (folder: string) => ['--home-directory', `/in=/\${inbox}/${folder}`];
  const { code, stderr } = await airlock.ops(['partner', 'add', 'homely', ...at('homely2')]);
  expect([code, stderr]).toEqual([3, expect.stringContaining('would upload outside its folder')]);
  expect(await airlock.ops(['partner', 'add', 'homely', ...at('homely/in')])).toMatchObject({
    code: 0,
  });
});

test('two tenants cannot get one folder; the other one is named', async () => {
  await partner('add first --prefix folder/first');
  for (const prefix of ['folder/first/', 'folder/', 'folder/first/deeper']) {
    const [code, said] = await refusal(`add second --prefix ${prefix}`);
    expect([code, said]).toEqual([3, expect.stringContaining('first uses ')]);
  }
  await partner('add second --prefix folder/first2');
  const { code, stderr } = await airlock.ops([
    'partner',
    'add',
    'overseer',
    '--space',
    'shared',
    '--prefix',
    'folder/',
    '--generate-password',
  ]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('"first" and "overseer" both see')]);
});

test('a name can be used only once', async () => {
  await partner('add taken');
  const before = await stored('taken');
  const [code, said] = await refusal('add taken');
  expect([code, said]).toEqual([3, expect.stringContaining('there is already a partner "taken"')]);
  expect(await stored('taken')).toEqual(before);
});

test('keys are added, renewed and removed by fingerprint or comment', async () => {
  await partner('add keys');
  const [one, other] = [aKeyPair().publicKey, aKeyPair().publicKey];
  await partner('add-key keys - --expires 2099-01-31', `${one} one`);
  await partner('add-key keys - --comment other --json', other);
  expect((await stored('keys')).publicKeys).toEqual([
    { key: one, comment: 'one', expiresAt: '2099-01-31T00:00:00.000Z' },
    { key: other, comment: 'other' },
  ]);
  await partner('add-key keys - --expires 2098-01-31T12:00:00Z', `${one} renewed`);
  const document = await stored('keys');
  expect(document.publicKeys.map(({ comment }) => comment)).toEqual(['other', 'renewed']);
  const expired = document.publicKeys.map((key) =>
    key.key === one ? { ...key, expiresAt: '2001-01-31T12:00:00Z' } : key,
  );
  await put('keys', JSON.stringify({ ...document, publicKeys: expired }));
  expect(await partner('list')).toMatch(/^keys .*password, 2 keys \(1 expired\)/m);
  expect(await refusal('remove-key keys nobody@nowhere')).toEqual([
    3,
    expect.stringContaining('has no key'),
  ]);
  await partner(`remove-key keys ${fingerprintOf(one)}`);
  await partner('remove-key keys other');
  expect((await stored('keys')).publicKeys).toEqual([]);
});

test('an invalid public key is refused with its file name, and a private key is not echoed', async () => {
  await partner('add careful');
  const file = join(airlock.home, 'private');
  const { privateKey } = aKeyPair();
  await writeFile(file, privateKey);
  const [code, said] = await refusal(`add-key careful ${file}`);
  expect([code, said]).toEqual([3, expect.stringContaining(`${file} is a private key`)]);
  expect(said).not.toContain(privateKey.split('\n')[2]);
  expect(await refusal('add-key careful /no/such/file')).toEqual([
    3,
    expect.stringContaining('ENOENT'),
  ]);
});

test('disable, enable, change and set-password change their fields and nothing else', async () => {
  await partner('add steady');
  const before = await stored('steady');
  await partner('disable steady');
  expect(await stored('steady')).toEqual({ ...before, enabled: false });
  await partner('enable steady');
  expect(await stored('steady')).toEqual(before);
  await partner('change steady --max-size 5');
  expect(await stored('steady')).toEqual({
    ...before,
    policy: { unscannable: {}, maxSizeBytes: 5 },
  });
  const { password } = JSON.parse(await partner('set-password steady --json'));
  const { password: hash } = await stored('steady');
  expect([await isPassword(password, hash), hash?.hash === before.password?.hash]).toEqual([
    true,
    false,
  ]);
  await partner('set-password steady --none');
  expect(await stored('steady')).not.toHaveProperty('password');
});

test('an invalid document is listed as such, explained by check, and can be removed', async () => {
  await put('broken', '{"version": 1, "name": "broken"}');
  expect(await partner('list')).toMatch(/^broken .*INVALID/m);
  const [code, said] = await refusal('check broken');
  expect([code, said]).toEqual([3, expect.stringContaining('space is missing; add it')]);
  await partner('remove broken');
  expect(await partner('list')).not.toContain('broken');
});

test('check shows what would happen to an upload, and its exit code says whether it would land', async () => {
  await partner('add checked --network 192.0.2.0/24 --max-size 1000 --refuse .exe');
  const good = await partner('check checked --put /a/b.csv --size 1000 --from 192.0.2.7 --json');
  expect(JSON.parse(good)).toMatchObject({ ok: true });
  const table = await refusal('check checked --put /a.exe');
  expect(table).toEqual([3, expect.stringMatching(/^NO {2}policy .*files that end in .exe$/m)]);
});

test('a partner is added from a document, and options override it', async () => {
  const { name: _, ...document } = aPartner({ displayName: 'From a file', landingPrefix: 'docs/' });
  const words = 'add documented --document - --protocol SFTP';
  await partner(words, JSON.stringify(document));
  expect(await stored('documented')).toMatchObject({
    name: 'documented',
    displayName: 'From a file',
    landingPrefix: 'docs/',
    protocols: ['SFTP'],
    password: { algorithm: 'scrypt' },
  });
  expect(await refusal('add broken --document -', '[1')).toEqual([
    3,
    expect.stringContaining('the document is not a JSON object'),
  ]);
});

test('every command reports a partner that does not exist', async () => {
  for (const words of ['show', 'disable', 'remove']) {
    const [code, said] = await refusal(`${words} nobody`);
    expect([code, said]).toEqual([3, expect.stringContaining('there is no partner "nobody"')]);
  }
});

test('an invalid command is a usage error, and without an Airlock the CLI says how to start one', async () => {
  expect((await refusal('frobnicate'))[0]).toBe(2);
  expect((await refusal('add'))[0]).toBe(2);
  expect((await refusal('change taken --max-size ten'))[0]).toBe(2);
  const { code, stderr } = await runOps('/no/such/home', ['partner', 'list']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('npm start')]);
});

test('a document that is shown can be given back, and means the same; the hash is never shown', async () => {
  const { publicKey } = aKeyPair();
  await partner(
    'add inverse --key - --generate-password --allow .csv --contact Ada',
    `${publicKey} laptop`,
  );
  const before = await stored('inverse');
  const shown = await partner('show inverse --json');
  expect(shown).not.toContain(before.password?.hash);
  await partner('change inverse --document -', shown);
  expect(await stored('inverse')).toEqual(before);

  // Without the mark the password goes; a change of the document is a change of the partner.
  const { password: _, ...others } = JSON.parse(shown);
  await partner('change inverse --document -', JSON.stringify({ ...others, displayName: 'New' }));
  const { password: __, ...rest } = before;
  expect(await stored('inverse')).toEqual({ ...rest, displayName: 'New' });

  // Given to another installation there is no hash to keep: a new password is generated.
  await partner('remove inverse');
  expect(await partner('add inverse --document -', shown)).toMatch(/^password {2}\S+$/m);
  const { password, ...restored } = await stored('inverse');
  expect([restored, password?.hash === before.password?.hash]).toEqual([rest, false]);
});

test('edit opens the document in an editor, and keeps what was typed if it is not valid', async () => {
  await partner('add edited');
  const before = await stored('edited');
  const script = join(airlock.home, 'editor.mjs');
  const edit = async (body: string) => {
    await writeFile(
      script,
      `import { readFileSync, writeFileSync } from 'node:fs';
       const file = process.argv[2];
       const text = readFileSync(file, 'utf8');
       ${body}`,
    );
    const EDITOR = `${process.execPath} ${script}`;
    return runOps(airlock.home, ['partner', 'edit', 'edited'], '', { EDITOR });
  };
  expect(await edit('')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing was changed'),
  });
  const changed = await edit(`writeFileSync(file, text.replace('tenant', 'shared'));`);
  expect(changed).toMatchObject({ code: 0 });
  expect(await stored('edited')).toEqual({ ...before, space: 'shared' });
  expect(await edit('process.exit(3);')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('its exit code is 3'),
  });
  for (const wrong of [
    `text.replace('shared', 'mine')`,
    `text.replace('{', '')`,
    `text.replace('"edited"', '"other"')`,
  ]) {
    const refused = await edit(`writeFileSync(file, ${wrong});`);
    const [, kept = ''] = /^Your text is kept in ([^:]+):/m.exec(refused.stderr) ?? [];
    expect([refused.code, await readFile(kept, 'utf8')]).toEqual([3, expect.any(String)]);
    await rm(dirname(kept), { recursive: true });
  }
  expect(await stored('edited')).toEqual({ ...before, space: 'shared' });
});

test('a file of two keys gives two keys, each with its comment', async () => {
  const [one, other] = [aKeyPair().publicKey, aKeyPair().publicKey];
  const file = `# of Ada\n${one} ada@lovelace\n\n${other} night job\r\n${one} again\n`;
  const keys = [
    { key: one, comment: 'ada@lovelace' },
    { key: other, comment: 'night job' },
  ];
  await partner('add two-keys --key -', file);
  expect((await stored('two-keys')).publicKeys).toEqual(keys);
  await partner('add later');
  await partner('add-key later -', file);
  expect((await stored('later')).publicKeys).toEqual(keys);
});

test('a new name may not differ from another in case only; existing pairs go on, with a warning', async () => {
  await partner('add Casey');
  const [code, said] = await refusal('add casey');
  expect([code, said]).toEqual([3, expect.stringContaining('partner "Casey" in case only')]);
  await put('casey', JSON.stringify(aPartner({ name: 'casey', landingPrefix: 'casey-2/' })));
  for (const words of ['change casey --max-size 5', 'check Casey', 'list']) {
    const { code: done, stderr } = await airlock.ops(['partner', ...words.split(' ')]);
    expect([done, stderr]).toEqual([0, expect.stringMatching(/note: .*differ in case only/)]);
  }
  await partner('remove casey');
  const { stderr } = await airlock.ops(['partner', 'check', 'Casey']);
  expect(stderr).toBe('');
});

test('a home path is set, shown and explained', async () => {
  await partner('add real --home-path /${inbox}/real/in');
  expect(await stored('real')).toMatchObject({ homePath: '/${inbox}/real/in' });
  for (const path of ['a.csv', `/${airlock.inboxBucket}/real/in/a.csv`]) {
    expect(await partner(`check real --put ${path}`)).toContain(' is real/in/a.csv in the bucket');
  }
  expect(await refusal('check real --put /a.csv')).toEqual([
    3,
    expect.stringContaining('is in none of them'),
  ]);
  expect(await refusal('change real --home-directory /in=/${inbox}/real')).toEqual([
    3,
    expect.stringContaining('homePath must not be there together with homeDirectories'),
  ]);
});
