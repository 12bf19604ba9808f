import { expect, test } from 'vitest';
import type { PartnerLookup } from '../../../../../shared/identity/partner/partner-directory.ts';
import { partnerPolicies } from '../../../../../shared/identity/partner/partner-policies.ts';
import { SAFE_POLICY } from '../../../../../shared/model/partner-policy.ts';
import { createLog } from '../../../../../shared/platform/log.ts';
import { aPartner } from '../../../../support/partners.ts';

function policies(found: PartnerLookup | Error) {
  const lines: string[] = [];
  const directory = {
    find: async () => {
      if (found instanceof Error) throw found;
      return found;
    },
  };
  return {
    lines,
    ...partnerPolicies(
      directory,
      createLog((line) => lines.push(line)),
    ),
  };
}

test("a partner's policy applies to its uploads, even once it is disabled", async () => {
  const policy = { unscannable: { encrypted: 'deliver' as const }, maxSizeBytes: 10 };
  const partner = aPartner({ policy, enabled: false });
  const { policyOf, lines } = policies({ kind: 'partner', partner });
  expect(await policyOf('acme')).toEqual(policy);
  expect(lines).toEqual([]);
});

test.each([
  ['nobody', { kind: 'nobody' } as const, 'warn'],
  [
    'an invalid document',
    { kind: 'invalid', problems: [{ path: 'x', problem: 'y' }] } as const,
    'error',
  ],
  ['a directory that cannot be read', new Error('no answer'), 'error'],
])('%s gets the safe policy, and the log says so', async (_name, found, level) => {
  const { policyOf, lines } = policies(found);
  expect(await policyOf('acme')).toEqual(SAFE_POLICY);
  expect(JSON.parse(lines.join())).toMatchObject({ level, partner: 'acme' });
});

test('an upload without a known partner gets the safe policy', async () => {
  const { policyOf, lines } = policies(new Error('must not be asked'));
  expect(await policyOf(undefined)).toEqual(SAFE_POLICY);
  expect(lines).toEqual([]);
});
