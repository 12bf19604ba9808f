import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpsError } from '../../ops/ops-error.ts';
import { Documents } from '../../ops/partner/documents.ts';
import { openLocal } from '../../ops/target.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { aPartner } from '../support/partners.ts';

let airlock: Installation;
let documents: Documents;
beforeAll(async () => {
  airlock = await startInstallation();
  documents = new Documents(await openLocal(airlock.home));
});
afterAll(async () => {
  documents[Symbol.dispose]();
  await airlock[Symbol.asyncDispose]();
});

const disabled = (name: string) => aPartner({ name, enabled: false });

test('if two operators change the same document, the second gets an error, and nothing is lost', async () => {
  await documents.create(aPartner({ name: 'contended' }));
  const [mine, theirs] = [await documents.get('contended'), await documents.get('contended')];
  await documents.replace(disabled('contended'), theirs);
  const late = documents.replace(aPartner({ name: 'contended', displayName: 'Late' }), mine);
  await expect(late).rejects.toThrow(/"contended" was changed by somebody else/);
  await expect(documents.remove(mine)).rejects.toThrow(OpsError);
  expect((await documents.get('contended')).parsed).toEqual({ partner: disabled('contended') });
});

test('a change does not restore a document removed meanwhile', async () => {
  await documents.create(aPartner({ name: 'removed' }));
  const mine = await documents.get('removed');
  await documents.remove(mine);
  await expect(documents.replace(disabled('removed'), mine)).rejects.toThrow(OpsError);
  expect(await documents.find('removed')).toBeUndefined();
});

test('if two operators add the same name, one gets an error', async () => {
  const attempts = ['One', 'Two'].map((displayName) =>
    documents.create(aPartner({ name: 'twice', displayName })),
  );
  const settled = await Promise.allSettled(attempts);
  expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('all partners are listed, over several pages of S3', async () => {
  const names = Array.from(
    { length: 1001 },
    (_, index) => `page-${String(index).padStart(4, '0')}`,
  );
  for (let index = 0; index < names.length; index += 50) {
    await Promise.all(
      names.slice(index, index + 50).map((name) => documents.create(aPartner({ name }))),
    );
  }
  const listed = (await documents.list()).map(({ name }) => name);
  expect(listed.filter((name) => name.startsWith('page-'))).toEqual(names);
});
