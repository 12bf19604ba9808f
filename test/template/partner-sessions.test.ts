import { expect, test } from 'vitest';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { sessionPermits } from '../../shared/identity/session/session-permits.ts';
import { sessionPolicyOf } from '../../shared/identity/session/session-policy.ts';
import fc from '../support/fast-check.ts';
import { aPartner, loginSettings } from '../support/partners.ts';
import { isAllowed } from '../support/template/authorize.ts';
import { deploy } from '../support/template/deployment.ts';
import { type Attached, statementsOf } from '../support/template/policies.ts';

const SESSION = '<TransferUserRole.Arn>';
const granted = statementsOf(deploy()).filter(({ id }) => id === 'TransferUserRole');

/** How a session may be asked: by IAM, whose role and session policy must both allow it; by the gateway. */
function evaluatorsFor(partner: Partner) {
  // The template's role names the bucket by a symbol.
  const settings = { ...loginSettings, inboxBucket: 'inbox' };
  const policy = sessionPolicyOf(partner, settings);
  const permits = sessionPermits(policy, partner.name);
  const session: Attached[] = JSON.parse(
    policy.replaceAll('${transfer:UserName}', partner.name),
  ).Statement.map((statement: object) => ({ id: 'session', to: 'identity', statement }));
  const both = (action: string, path: string, context: Record<string, string>) =>
    isAllowed(
      { principal: SESSION, action, resource: `<InboxBucket.Arn>${path}`, context },
      granted,
    ) &&
    isAllowed(
      { principal: SESSION, action, resource: `arn:aws:s3:::inbox${path}`, context },
      session,
    );
  return [
    {
      mayList: (prefix: string) => both('s3:ListBucket', '', { 's3:prefix': prefix }),
      may: (action: string, key: string) => both(action, `/${key}`, {}),
    },
    {
      mayList: (prefix: string) =>
        permits({ action: 's3:ListBucket', resource: 'arn:aws:s3:::inbox', prefix }),
      may: (action: string, key: string) =>
        permits({ action, resource: `arn:aws:s3:::inbox/${key}` }),
    },
  ];
}

const aName = fc.oneof(
  fc.constantFrom('acme', 'ACME', 'acme2', 'acme.de', 'acme-', 'a_cme', 'acm', '___', 'a@b'),
  fc.stringMatching(/^\w[\w@.-]{2,30}$/),
);
/** Names that begin alike, or differ in a letter's case, are where a policy can leak. */
const siblings = fc
  .tuple(
    aName,
    fc.oneof(
      aName,
      fc.constantFrom('2', '.', '-', '@x', '_', 'a').map((end) => ({ end })),
    ),
  )
  .map(([own, other]): [string, string] => [
    own,
    typeof other === 'string' ? other : `${own}${other.end}`,
  ])
  .filter(([own, other]) => own !== other);

const aKindOfHome = fc.constantFrom<(name: string) => Partial<Partner>>(
  () => ({}),
  (name) => ({ space: 'shared', landingPrefix: `${name}/` }),
  (name) => ({ homePath: `/\${inbox}/${name}` }),
  (name) => ({ homeDirectories: [{ entry: '/in', target: `/\${inbox}/${name}` }] }),
);

test('a session lists, reads and writes nothing of a sibling, whatever the two names', () => {
  fc.assert(
    fc.property(siblings, aKindOfHome, ([own, other], homeOf) => {
      const partner = aPartner({ name: own, landingPrefix: `${own}/`, ...homeOf(own) });
      for (const { mayList, may } of evaluatorsFor(partner)) {
        expect(mayList(`${own}/`)).toBe(true);
        expect(mayList(`${own}/deep/`)).toBe(true);
        const file = `${other}/secret.csv`;
        // A listing shows the keys that begin with its prefix.
        const prefixes = Array.from(file, (_, index) => file.slice(0, index)).concat(file);
        expect(prefixes.filter(mayList)).toEqual([]);
        for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
          expect(may(action, `${own}/file.csv`)).toBe(true);
          expect([may(action, file), may(action, other), may(action, own)]).toEqual([
            false,
            false,
            false,
          ]);
        }
      }
    }),
    { numRuns: 300 },
  );
}, 60_000);
